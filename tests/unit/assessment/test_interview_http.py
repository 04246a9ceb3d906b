"""自测 by questions over HTTP: anybody, nothing stored, a link that says it all again, and what a broken link is told."""

import zlib
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.contracts.self_test import LARGEST, LONGEST_LINK, LinkBroken, SelfTestLink, link_of, read_link
from tests.unit.assessment.enterprises import good
from tests.unit.assessment.test_packs_http import BOTH_LAWS, public

HTTP = public(BOTH_LAWS)


async def ask(**body: Any) -> Any:
    answer = await HTTP.post("/self-test/questions", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_visitor_is_led_from_nothing_to_what_is_possible() -> None:
    answers: dict[str, Any] = {}
    asked = await ask()
    assert [one["tier"] for one in asked["tiers"]] == ["innovative", "tech", "srdi", "giant"]
    assert {one["outlook"] for one in asked["tiers"]} == {"possible"}
    while (question := asked["next"]) is not None:
        assert {"field", "label", "type", "origin", "options", "bears_on"} <= set(question)
        answers[question["field"]] = good()[question["field"]]
        asked = await ask(answers=answers)
    assert {one["tier"]: one["outlook"] for one in asked["tiers"]} == {
        "innovative": "met", "tech": "met", "srdi": "possible", "giant": "met",
    }  # fmt: skip
    assert asked["tiers"][2]["binding"]["basis"] == "2号附件1" and asked["tiers"][2]["waits"]
    assert len(answers) < 40
    again = await ask(link=asked["link"])
    assert again == asked, "the link says it all again"


async def test_an_excluded_tier_says_why_and_its_documents_are_not_asked() -> None:
    asked = await ask(answers={"revenue_y1": "900.00"}, tiers=["giant", "innovative"])
    giant, innovative = sorted(asked["tiers"], key=lambda one: one["tier"])
    assert giant["tier"] == "giant" and giant["outlook"] == "excluded"
    assert giant["failing"][0]["gap"] == "4100万元" and innovative["outlook"] == "possible"
    assert all("giant" not in one["tiers"] for one in asked["documents"])


async def test_the_size_is_part_of_it_and_its_figures_are_carried_on() -> None:
    told = {"industry": "3484", "staff_total": 320, "revenue_y1": "1999.00", "enterprise_size": "中型", "luck": "x"}
    asked = await ask(answers=told)
    result = asked["size"]["result"]
    assert (result["size_class"], result["declared"]["agrees"]) == ("小型", False)
    assert "industry" in asked["ignored"] and "luck" in asked["ignored"]
    carried = read_link(asked["link"]).answers
    assert carried["industry"] == "3484" and "luck" not in carried


async def test_answers_beside_a_link_go_before_it_and_null_takes_one_back() -> None:
    link = (await ask(answers={"revenue_y1": "900.00", "market_years": 2}, tiers=["giant"], digital_level=2))["link"]
    changed = await ask(link=link, answers={"revenue_y1": "9000.00", "market_years": None})
    assert read_link(changed["link"]) == SelfTestLink({"revenue_y1": "9000.00"}, tiers=("giant",), digital_level=2)
    assert [one["outlook"] for one in changed["tiers"]] == ["possible"]
    assert len((await ask(link=link, tiers=[]))["tiers"]) == 4


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"link": "1.x"}, 422, "assessment.link-invalid"),
        ({"link": "2.eJyrVkrOz0lNLlGyUqoFABm5BDI"}, 422, "assessment.link-invalid"),
        ({"link": "1." + "A" * LONGEST_LINK}, 422, "platform.invalid-request"),
        ({"tiers": ["luck"]}, 404, "assessment.nothing-to-test"),
        ({"kind": "supplement"}, 422, "platform.invalid-request"),
        ({"digital_level": 5}, 422, "platform.invalid-request"),
    ],
)
async def test_what_cannot_be_tested_is_a_problem_with_a_way_out(body: Any, status: int, code: str) -> None:
    answer = await HTTP.post("/self-test/questions", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
VALUES = st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=30) | st.lists(st.text(max_size=9), max_size=4)


@given(st.dictionaries(NAMES, VALUES, max_size=20), st.none() | st.integers(0, 4))
def test_a_link_reads_as_what_was_written_and_the_order_of_answers_does_not_matter(
    answers: Any, level: int | None
) -> None:
    test = SelfTestLink(answers, "320000", "re_review", ("giant",), level)
    link = link_of(test)
    assert link is not None and read_link(link) == test
    assert link_of(SelfTestLink(dict(reversed(answers.items())), "320000", "re_review", ("giant",), level)) == link


@given(st.text(max_size=60), st.integers(0, 80), st.characters())
def test_whatever_is_done_to_a_link_it_is_read_or_refused(text: str, at: int, mark: str) -> None:
    link = link_of(SelfTestLink({"revenue_y1": "900.00", "legal_person": True})) or ""
    for changed in (text, "1." + text, link[:at], link[:at] + mark + link[at + 1 :], link + text):
        try:
            assert isinstance(read_link(changed), SelfTestLink)
        except LinkBroken:
            continue


def packed(plain: bytes) -> str:
    return "1." + urlsafe_b64encode(zlib.compress(plain, 9)).decode().rstrip("=")


@pytest.mark.parametrize(
    "plain",
    [
        b'{"answers":{"a":"' + b"0" * 2 * LARGEST + b'"}}',
        b'{"answers":{"A b":1}}',
        b'{"answers":{"a":{"b":1}}}',
        b'{"answers":{"a":null}}',
        b'{"tiers":["giant"],"more":1}',
        b'{"digital_level":9}',
        b"[]",
        b"\xff",
    ],
)
def test_a_link_of_another_shape_or_that_unfolds_without_end_is_refused(plain: bytes) -> None:
    with pytest.raises(LinkBroken):
        read_link(packed(plain))


def test_what_is_too_long_for_a_link_has_none() -> None:
    words = {f"field_{n}": "".join(chr(19968 + (n * 7919 + m * 104729) % 20000) for m in range(90)) for n in range(40)}
    assert link_of(SelfTestLink(words)) is None  # type: ignore[arg-type]
