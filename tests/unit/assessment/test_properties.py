"""What holds for every pack and any enterprise: monotone where the law is, within its range, the same in any order."""

from decimal import Decimal
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.assessment.domain.rules import ScoreResult, evaluate, load_pack
from services.assessment.policy_text import parse
from tests.unit.assessment.enterprises import Form, enterprise, good
from tests.unit.assessment.samples import POLICY, packs

PACKS = packs()
ids = st.sampled_from(sorted(PACKS))
seeds = st.integers(0, 2**32)
cents = st.decimals(0, 20000, places=2)
wild = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=6), st.lists(st.text(max_size=4), max_size=2),
    st.decimals(allow_nan=True, allow_infinity=True).map(str), st.sampled_from(["0", "-1", "0.00", "1e400", "none"]),
)  # fmt: skip
BETTER = {"fail": 0, "open": 1, "pass": 2}
MORE_IS_BETTER = ["rd_expense_y1", "rd_expense_y2", "new_equity_2y", "new_equity_3y", "development_score_y0"]


def of(id: str, seed: int) -> tuple[Form, int, dict[str, Decimal]]:
    return enterprise(Random(seed), id, PACKS[id].inputs)


def total(result: ScoreResult) -> Decimal:
    return Decimal(result.low)


@settings(max_examples=150)
@given(id=ids, seed=seeds, field=st.sampled_from(MORE_IS_BETTER), more=cents)
def test_more_research_equity_or_score_never_makes_it_worse(id: str, seed: int, field: str, more: Decimal) -> None:
    form, level, judged = of(id, seed)
    richer = form | {field: str(Decimal(form[field]) + more)}
    before, after = (evaluate(PACKS[id], one, level, judged) for one in (form, richer))
    assert total(after) >= total(before) and BETTER[after.verdict] >= BETTER[before.verdict]


@settings(max_examples=100)
@given(id=ids, seed=seeds, field=st.sampled_from(["total_liabilities_y1"]), more=cents)
def test_more_debt_never_makes_it_better(id: str, seed: int, field: str, more: Decimal) -> None:
    form, level, judged = of(id, seed)
    deeper = form | {field: str(Decimal(form[field]) + more)}
    before, after = (evaluate(PACKS[id], one, level, judged) for one in (form, deeper))
    assert total(after) <= total(before) and BETTER[after.verdict] <= BETTER[before.verdict]


@settings(max_examples=150)
@given(
    id=ids,
    form=st.fixed_dictionaries({}, optional=dict.fromkeys(good(), wild)),
    level=st.sampled_from([None, 0, 3, "x"]),
)
def test_whatever_a_form_holds_there_is_an_answer_within_the_maximum(
    id: str, form: Form, level: int | str | None
) -> None:
    result = evaluate(PACKS[id], form, level, {})
    most = Decimal(result.max)
    assert 0 <= Decimal(result.low) <= Decimal(result.high) <= most <= 100
    for group in result.groups:
        assert 0 <= Decimal(group.low) <= Decimal(group.high) <= Decimal(group.max)


@settings(max_examples=100)
@given(id=ids, seed=seeds, shuffled=st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_nor_other_fields_change_a_result(id: str, seed: int, shuffled: Random) -> None:
    form, level, judged = of(id, seed)
    names = sorted(form)
    shuffled.shuffle(names)
    again = {name: form[name] for name in names} | {"name": "某企业"}
    first = evaluate(PACKS[id], form, level, judged)
    assert evaluate(PACKS[id], again, level, judged) == first == evaluate(PACKS[id], form, level, judged)


@settings(max_examples=100)
@given(id=ids, seed=seeds, data=st.data())
def test_what_is_not_filled_in_only_widens_the_range(id: str, seed: int, data: st.DataObject) -> None:
    form, level, judged = of(id, seed)
    gone = data.draw(st.sets(st.sampled_from(sorted(form)), max_size=6))
    whole = evaluate(PACKS[id], form, level, judged)
    part = evaluate(PACKS[id], {k: v for k, v in form.items() if k not in gone}, level, judged)
    assert Decimal(part.low) <= Decimal(whole.low) <= Decimal(whole.high) <= Decimal(part.high)
    assert part.verdict in ("open", whole.verdict)


@pytest.mark.parametrize("id", sorted(PACKS))
def test_a_pack_read_again_from_its_published_text_gives_the_same(id: str) -> None:
    text = (POLICY / "packs" / f"{id.replace('@', '-')}.yaml").read_text(encoding="utf-8")
    again = load_pack(parse(text, "")[0])
    form, level, judged = of(id, 7)
    first, second = (msgspec.json.encode(evaluate(one, form, level, judged)) for one in (PACKS[id], again))
    assert first == second
