"""Whom a token is about: a blind index of issuer and subject, and a credit code that the provider answers for or not."""

from types import SimpleNamespace
from typing import Any

import pytest

from services.identity.outside.configured import OidcProvider
from services.identity.outside.people import Person, person_of
from services.identity.outside.tokens import IdentityNotProven
from tests.unit.identity.abroad import configured
from tests.unit.identity.kit import COMPANY

# A desk that only blinds, and so that one can read what was blinded.
DESK: Any = SimpleNamespace(blind=lambda what, text: f"{what}:{text}")


def seen(claims: dict[str, Any], **changes: Any) -> Person:
    provider = OidcProvider(**configured(changes.pop("issuer", "https://login.example"), **changes))
    return person_of(DESK, "province", provider, {"sub": "zhang", **claims})


def test_the_same_subject_of_another_issuer_is_somebody_else() -> None:
    here, there = seen({}), seen({}, issuer="https://other.example")
    assert here.identity != there.identity
    assert here == seen({"name": "somebody renamed"})


def test_a_credit_code_is_taken_in_normal_form_and_only_with_its_check_digit() -> None:
    assert seen({"credit_code": f" {COMPANY.lower()} "}).credit_code == COMPANY
    wrong = COMPANY[:-1] + ("1" if COMPANY[-1] != "1" else "2")
    for text in (wrong, "", 91, None, [COMPANY], COMPANY + "0"):
        assert seen({"credit_code": text}, links_by_credit_code=True) == seen({}, links_by_credit_code=True), text


@pytest.mark.parametrize(
    ("settings", "claims", "vouched"),
    [
        ({}, {}, False),
        ({"links_by_credit_code": True}, {}, True),
        ({"links_by_credit_code": True, "verified_claim": "ok"}, {}, False),
        ({"links_by_credit_code": True, "verified_claim": "ok"}, {"ok": "true"}, False),
        ({"links_by_credit_code": True, "verified_claim": "ok"}, {"ok": 1}, False),
        ({"links_by_credit_code": True, "verified_claim": "ok"}, {"ok": True}, True),
        ({"verified_claim": "ok"}, {"ok": True}, False),
    ],
)
def test_only_a_provider_that_is_configured_so_answers_for_a_credit_code(
    settings: dict[str, Any], claims: dict[str, Any], vouched: bool
) -> None:
    assert seen({"credit_code": COMPANY, **claims}, **settings).vouched is vouched


def test_another_claim_may_be_the_subject_and_must_be_there() -> None:
    assert seen({"account_no": "7"}, subject_claim="account_no").identity.endswith("\n7")
    for claims in ({}, {"account_no": 7}, {"account_no": ""}):
        with pytest.raises(IdentityNotProven):
            seen(claims, subject_claim="account_no")


def test_the_name_is_only_shown_and_has_an_end() -> None:
    assert seen({"enterprise_name": " 厦门某某科技有限公司 "}).name == "厦门某某科技有限公司"
    assert len(seen({"enterprise_name": "某" * 500}).name) == 200
