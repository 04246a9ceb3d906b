"""What of a request's body enters its fingerprint: no personal value in plain, no secret in any form."""

from datetime import date
from typing import Annotated, Any

import pytest
from pydantic import Field

from libs.events.web.models import Body, PersonalMark, PersonalText, SecretText


class Person(Body):
    name: PersonalText
    password: SecretText = ""
    since: date | None = None


class Several(Body):
    first: Person
    others: list[Person] = Field(default_factory=list)
    by_role: dict[str, Person] = Field(default_factory=dict)
    phones: list[PersonalText] = Field(default_factory=list)
    email: PersonalText | None = None
    answers: Annotated[dict[str, Any], PersonalMark()] = Field(default_factory=dict)
    note: str = ""


def blind(what: str, text: str) -> str:
    return f"<{what}:{len(text)}>"


def canonical(**given: Any) -> dict[str, Any]:
    return Several(first=Person(name="张三"), **given).canonical(blind)


def test_bodies_in_lists_and_maps_are_canonical_too() -> None:
    found = canonical(
        others=[Person(name="李四", password="x", since=date(2024, 1, 2))], by_role={"contact": Person(name="王五")}
    )
    assert found["others"] == [{"name": "<name:2>", "since": "2024-01-02"}]
    assert found["by_role"] == {"contact": {"name": "<name:2>", "since": None}}


def test_marks_inside_unions_and_lists_count() -> None:
    found = canonical(phones=["13800138000"], email="a@b.cn", note="open")
    assert (found["phones"], found["email"], found["note"]) == (["<phones:11>"], "<email:6>", "open")
    assert canonical()["email"] is None


def test_a_personal_map_keeps_its_names_only() -> None:
    found = canonical(answers={"contact": "张三", "figures": ["1", "2"], "staff": 12})
    assert found["answers"] == {
        "contact": "<answers.contact:2>",
        "figures": ["<answers.figures:1>", "<answers.figures:1>"],
        "staff": "<answers.staff:2>",
    }


def test_a_secret_is_left_out() -> None:
    assert "password" not in Person(name="a", password="secret").canonical(blind)


def test_what_canonical_json_cannot_hold_is_a_value_error() -> None:
    with pytest.raises(ValueError):
        canonical(answers={"staff": 2**60})
