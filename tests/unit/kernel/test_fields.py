"""The field policy: which personal value is shown to whom, and how."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.contracts.actors import Office
from libs.events.contracts.personal import INVENTORY
from libs.events.web import fields
from libs.events.web.principals import ANYONE, Principal

OWNER = Principal("account", "a", account_kind="legal", enterprise="e")


def official(role: str) -> Principal:
    return Principal("official", "o", office=Office("320000", "city", "320100", role))


def test_every_field_of_the_inventory_has_its_row_and_no_row_is_of_nothing() -> None:
    known = set(INVENTORY)
    assert known - set(fields.FIELDS) == set()
    assert set(fields.FIELDS) - known == set()


@pytest.mark.parametrize(
    ("label", "viewer", "how"),
    [
        ("legal_representative_document", OWNER, "masked"),
        ("legal_representative_document", official("account_checker"), "plain"),
        ("legal_representative_document", official("reviewer"), "hidden"),
        ("legal_representative_document", official("system_administrator"), "hidden"),
        ("contact_mobile", OWNER, "plain"), ("contact_mobile", official("reviewer"), "plain"),
        ("contact_mobile", official("auditor"), "masked"), ("contact_mobile", official("expert"), "hidden"),
        ("objector", OWNER, "hidden"), ("objector", official("publisher"), "plain"),
        ("account_phone", official("system_administrator"), "masked"), ("account_phone", ANYONE, "hidden"),
        ("a_field_of_a_form", official("reviewer"), "plain"), ("a_field_of_a_form", official("auditor"), "hidden"),
        ("official_name", Principal("official", "o"), "hidden"),
    ],
)  # fmt: skip
def test_who_sees_what(label: str, viewer: Principal, how: str) -> None:
    assert fields.how(label, viewer) == how


def test_officials_see_their_own_name_whatever_their_role() -> None:
    assert fields.how("official_name", official("expert")) == "hidden"
    assert fields.how("official_name", official("expert"), own=True) == "plain"
    assert fields.how("official_name", Principal("official", "o"), own=True) == "plain"


@pytest.mark.parametrize(
    ("label", "text", "shown"),
    [
        ("contact_mobile", "+8613800138000", "138****8000"), ("contact_mobile", "13800138000", "138****8000"),
        ("contact_phone", "025-8123", "****"), ("email", "zhang@example.com", "z***@example.com"),
        ("contact", "张三丰", "张**"), ("contact", "阿依古丽·买买提", "阿*******"), ("contact", "", ""),
        ("legal_representative_document", "11010519491231002X", "110***********002X"),
        ("legal_representative_document", "E12345678", "****"), ("a_field_of_a_form", "秘密", "***"),
    ],
)  # fmt: skip
def test_masks(label: str, text: str, shown: str) -> None:
    assert fields.masked(label, text) == shown


@given(st.from_regex(r"[0-9]{0,20}", fullmatch=True))
def test_a_masked_number_never_shows_more_than_seven_digits(number: str) -> None:
    for label in ("contact_mobile", "legal_representative_document"):
        shown = fields.masked(label, number)
        assert len(re.sub(r"\D", "", shown)) <= 7
        assert shown != number or number == ""
