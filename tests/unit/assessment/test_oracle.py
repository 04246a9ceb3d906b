"""Packs and engine against the law's tables written a second time, over ten thousand made-up enterprises."""

from collections import Counter
from fractions import Fraction
from random import Random

import pytest

from services.assessment.domain.rules import Pack, ScoreResult, evaluate
from tests.unit.assessment.enterprises import enterprise, good, good_judgements
from tests.unit.assessment.oracle import CASES, LADDERS, Answer, law, of
from tests.unit.assessment.samples import packs

FORMS = 10_000
PACKS = packs()
EACH = -(-FORMS // len(PACKS))


def said(result: ScoreResult) -> Answer:
    return Answer(
        {one.id: one.state == "met" for one in result.gates},
        {one.id: one.state == "met" for one in result.direct},
        {one.id: Fraction(one.points or -1) for one in result.indicators},
        result.verdict == "pass",
    )


def run(pack: Pack, form: dict[str, object], level: int, judged: dict) -> tuple[Answer, Answer]:
    left = {one: points for one, points in judged.items() if one in ids(pack)}
    expected = law(pack.id, form | {"digital_level": level}, left)
    waived = {one.id for one in pack.gates if one.waived}
    expected.gates.update(dict.fromkeys(waived, True))
    return said(evaluate(pack, form, level, judged)), expected


def ids(pack: Pack) -> set[str]:
    return {one.id for one in (*pack.gates, *pack.indicators)}


@pytest.mark.parametrize("id", sorted(PACKS))
def test_packs_say_what_the_law_says(id: str) -> None:
    random, verdicts = Random(id), Counter[bool]()
    for number in range(EACH):
        form, level, judged = enterprise(random, id, PACKS[id].inputs)
        found, expected = run(PACKS[id], form, level, judged)
        assert found == expected, (number, form, level, judged)
        verdicts[found.passes] += 1
    assert min(verdicts[True], verdicts[False]) >= EACH // 50, verdicts


@pytest.mark.parametrize("id", sorted(PACKS))
def test_the_good_enterprise_meets_every_pack(id: str) -> None:
    found, expected = run(PACKS[id], good(), 4, good_judgements())
    assert found == expected and found.passes


@pytest.mark.parametrize("id", sorted(PACKS))
def test_the_enterprises_reach_every_step_and_every_condition_either_way(id: str) -> None:
    """Otherwise the comparison above would say nothing of some of them."""
    random, seen = Random(id), set[tuple[str, object]]()
    for _ in range(EACH):
        form, level, judged = enterprise(random, id, PACKS[id].inputs)
        answer = law(id, form | {"digital_level": level}, {k: v for k, v in judged.items() if k in ids(PACKS[id])})
        seen.update({**answer.gates, **answer.direct, **answer.points}.items())
    either = {(item, way) for item in (*answer.gates, *answer.direct) for way in (True, False)}
    steps = {(row["item"], Fraction(step.split(":")[-1])) for row in of(LADDERS, id) for step in row["steps"].split()}
    lowest = {(row["item"], Fraction(row["else"])) for row in of(LADDERS, id)}
    cases = {(row["item"], Fraction(row["points"])) for row in of(CASES, id)}
    assert (either | steps | lowest | cases) - seen == set()
