"""Answers judged by a form: any value gets words or passes, and passing is stable."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as cases
from hypothesis import strategies as st

from services.applications.domain.answers import answer_faults, canonical, is_blank, shape_fault
from services.applications.domain.checks import amount, amount_fault, email_fault, mobile_fault, phone_fault
from services.applications.domain.forms import Condition, Field, form_from
from services.applications.drafts import plain_answers
from tests.unit.applications import kit as k

FORM = form_from(k.FORMS["jiangsu-srdi-2022"])
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=30), st.lists(st.text(max_size=8), max_size=3)
)


@cases(st.dictionaries(st.sampled_from([field.name for field in FORM.fields]), VALUES))
def test_whatever_is_typed_is_judged_in_words_and_what_passes_is_written_once(answers: dict[str, Any]) -> None:
    faults = {fault.field: fault.message for fault in answer_faults(FORM, answers, (), {})}
    assert all(faults.values())
    right = {name: value for name, value in answers.items() if name not in faults and not is_blank(value)}
    written = canonical(FORM, right)
    assert canonical(FORM, written) == written
    assert not {name for name in written if (f := FORM.field(name)) and shape_fault(f, written[name])}


@cases(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_every_amount_with_two_decimals_passes_and_keeps_its_value(value: Decimal) -> None:
    assert amount_fault(f"{value:f}") is None or value == 0
    if amount_fault(f"{value:f}") is None:
        assert Decimal(amount(f"{value:f}")) == value


@pytest.mark.parametrize("text", ["1,000.00", "1，000", "1.234", "01", "1e3", "１２", "", " 1", "1.", "--1", "NaN"])
def test_amounts_in_other_writings_are_refused(text: str) -> None:
    assert amount_fault(text)


@pytest.mark.parametrize(
    ("fault", "right", "wrong"),
    [
        (mobile_fault, "13800138000", "12800138000"),
        (phone_fault, "025-83133385", "12345"),
        (phone_fault, "400-123-4567", "phone"),
        (email_fault, "a.b@example.com", "a@b"),
    ],
)
def test_ways_to_reach_a_person(fault: Any, right: str, wrong: str) -> None:
    assert fault(right) is None
    assert fault(wrong)


def test_a_condition_looks_into_choices() -> None:
    condition = Condition("certificates", "iso9001")
    assert condition.holds({"certificates": ["iso9001", "other"]})
    assert not condition.holds({"certificates": ["other"]})
    assert not condition.holds({})


@pytest.mark.parametrize(
    ("type_", "value", "right"),
    [
        ("date", "2024-02-29", True),
        ("date", "2023-02-29", False),
        ("date", "20240229", False),
        ("integer", 5, True),
        ("integer", "5", True),
        ("integer", True, False),
        ("integer", "5.0", False),
        ("boolean", "true", False),
        ("text", 5, False),
        ("text", "a\x00b", False),
        ("multi_choice", ["a", "a"], False),
        ("multi_choice", ["a", "b"], True),
        ("choice", "c", False),
    ],
)
def test_each_type_has_its_shape(type_: Any, value: Any, right: bool) -> None:
    field = Field("f", "f", type_, options={"a": "A", "b": "B"})
    assert (shape_fault(field, value) is None) == right


def test_what_must_be_agreed_to_must_be_agreed_to() -> None:
    field = Field("f", "f", "boolean", required=True, must_equal=True)
    assert shape_fault(field, False)
    assert shape_fault(field, True) is None


def test_fractions_never_pass_through_binary() -> None:
    assert plain_answers({"a": 0.1, "b": 1.15, "c": [1, "x"], "d": None, "e": ""}) == {
        "a": "0.1",
        "b": "1.15",
        "c": ["1", "x"],
    }
