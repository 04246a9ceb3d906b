"""Numbers in requests: what cannot be kept exactly is a fault of the request, named, before anything is stored."""

import json
from typing import Any

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

from libs.events.web.numbers import WIDEST
from libs.events.web.problems import _invalid
from services.applications.routes.bodies import DraftBody
from services.assessment.routes.bodies import Questionnaire, SelfTest

BODIES: list[tuple[Any, dict[str, Any]]] = [
    (DraftBody, {}),
    (Questionnaire, {"industry": "3484"}),
    (SelfTest, {"pack": "srdi@2022-63"}),
]
WRONG = ("1e999", "-1e999", "NaN", "Infinity", "-Infinity", str(WIDEST + 1), str(-WIDEST - 1), "1" + "0" * 400)


def given(number: str) -> Any:
    """As Starlette reads a body: with Python's lenient JSON."""
    return json.loads(number)


@pytest.mark.parametrize(("body", "more"), BODIES)
@pytest.mark.parametrize("number", WRONG)
async def test_a_number_that_cannot_be_kept_is_a_problem_of_the_request(
    body: Any, more: dict[str, Any], number: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(body).validate_python(more | {"answers": {"staff_total": given(number)}})
    answer = await _invalid(None, RequestValidationError(refused.value.errors()))  # type: ignore[arg-type]
    assert answer.status_code == 422


@pytest.mark.parametrize(("body", "more"), BODIES)
@pytest.mark.parametrize("number", [WIDEST, -WIDEST, 0])
def test_the_widest_are_kept(body: Any, more: dict[str, Any], number: int) -> None:
    found = TypeAdapter(body).validate_python(more | {"answers": {"staff_total": number}}).answers["staff_total"]
    assert found == number and type(found) is int


@pytest.mark.parametrize("body", [DraftBody, SelfTest])
def test_other_answers_stay_what_they_are(body: Any) -> None:
    more = {"pack": "srdi@2022-63"} if body is SelfTest else {}
    answers = {"a": True, "b": 1.5, "c": "文字", "d": ["x"], "e": None}
    found = TypeAdapter(body).validate_python(more | {"answers": answers}).answers
    assert found == answers and found["a"] is True
