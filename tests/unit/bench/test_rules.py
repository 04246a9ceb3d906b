"""The bare arithmetic beside the rule engine must be the law, and a result that differs from it must be no figure."""

from collections import Counter
from decimal import Decimal
from random import Random

import pytest

from bench.frame import Given, Lost
from bench.suites import rules
from tests.unit.assessment.oracle import CASES, LADDERS, law, of

SRDI = "srdi@2022-63"
CASES_MADE_UP = [rules.made_up(Random(seed)) for seed in range(600)]


def test_the_bare_arithmetic_says_what_the_tables_of_the_law_say() -> None:
    for case in CASES_MADE_UP:
        expected = law(SRDI, {**case.form, "digital_level": case.level}, {"S9": case.feature})
        answer = rules.plain(case)
        assert answer.points == expected.points and answer.total == sum(expected.points.values())
        assert answer.gates == tuple(expected.gates.values()) and answer.direct == tuple(expected.direct.values())
        assert answer.passes == expected.passes


def test_the_forms_made_up_reach_every_step_of_every_ladder_and_every_condition_either_way() -> None:
    """A figure over forms that are all alike would say little."""
    answers = [rules.plain(case) for case in CASES_MADE_UP]
    seen = {(name, Decimal(points)) for answer in answers for name, points in answer.points.items()}
    steps = {(row["item"], Decimal(step.split(":")[1])) for row in of(LADDERS, SRDI) for step in row["steps"].split()}
    cases = {(row["item"], Decimal(row["points"])) for row in of(CASES, SRDI)}
    assert steps | cases <= seen
    for part in ("gates", "direct"):
        assert all(set(ways) == {True, False} for ways in zip(*(getattr(one, part) for one in answers), strict=True))
    verdicts = Counter(answer.passes for answer in answers)
    assert min(verdicts[True], verdicts[False]) > len(answers) // 10


async def test_a_run_has_one_figure_of_as_many_pairs_as_asked() -> None:
    given = Given(2, 7, quick=True, say=lambda words: None)
    [figure] = await rules.run(given)
    assert figure.id == "R1" and given.sizes == {"forms": 300}
    assert figure.ratio is not None and figure.ratio.n == 2


def test_a_result_that_differs_has_no_figure() -> None:
    wanted = [rules.plain(case) for case in CASES_MADE_UP]
    right = rules.measured(rules.plain, lambda answer: answer, CASES_MADE_UP, wanted)
    assert min(right) >= 0
    for changed in ({"passes": not wanted[-1].passes}, {"points": wanted[-1].points | {"S9": Decimal("0.5")}}):
        with pytest.raises(Lost):
            rules.measured(
                rules.plain, lambda answer: answer, CASES_MADE_UP, [*wanted[:-1], wanted[-1]._replace(**changed)]
            )
