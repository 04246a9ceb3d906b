"""Ids in bodies become parts of streams' names: one that cannot is refused with the body, before anything is looked up."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from services.identity.bodies import Person
from services.identity.offices_bodies import Delegation, Succession

NO_ID = ["{{7*7}}", "a-b", "A", "\x00", "九", "a.b"]
UNTIL = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize("given", ["", *NO_ID])
def test_a_delegate_and_a_successor_are_ids(given: str) -> None:
    with pytest.raises(ValidationError):
        Delegation(delegate=given, until=UNTIL, reason="出差")
    with pytest.raises(ValidationError):
        Succession(successor=given, document="文号")


@pytest.mark.parametrize("given", NO_ID)
def test_an_account_whose_values_are_searched_is_an_id(given: str) -> None:
    with pytest.raises(ValidationError):
        Person(account=given)


def test_an_id_is_taken() -> None:
    assert Person(account="9z").account == Delegation(delegate="9z", until=UNTIL, reason="出差").delegate == "9z"
