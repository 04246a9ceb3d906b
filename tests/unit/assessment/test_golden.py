"""Results frozen for ever, per pack: an edit that changes one of them needs a pack of another id.

The files in tests/vectors/packs hold their own forms and results. `FREEZE=1 pytest <this file>` writes those of a pack
that has none yet, and never those of one that has.
"""

import json
import os
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from services.assessment.domain.rules import Pack, ScoreResult, evaluate
from tests.unit.assessment.enterprises import enterprise, good
from tests.unit.assessment.samples import packs

GOLDEN = Path(__file__).parents[2] / "vectors" / "packs"
CASES, INCOMPLETE = 24, 4
PACKS = packs()


def file_of(id: str) -> Path:
    return GOLDEN / f"{id.replace('@', '-')}.json"


def told(result: ScoreResult) -> dict[str, Any]:
    """What counts; words may still be improved."""
    return {
        "verdict": result.verdict,
        "total": [result.low, result.high, result.max],
        "states": {one.id: one.state for one in (*result.gates, *result.direct)},
        "points": {one.id: [one.low, one.high] for one in result.indicators},
    }


def answered(pack: Pack, golden: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    form = {k: v for k, v in (golden["base"] | case["changes"]).items() if v is not None}
    judged = {name: Decimal(points) for name, points in case["judged"].items()}
    return told(evaluate(pack, form, case["level"], judged))


def test_a_pack_that_is_gone_is_not_forgotten() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == {file_of(id).stem for id in PACKS}


@pytest.mark.parametrize("id", sorted(PACKS))
def test_what_a_pack_once_said_it_says_for_ever(id: str) -> None:
    path = file_of(id)
    if os.environ.get("FREEZE") and not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text(written(fresh(id)), encoding="utf-8")
    golden = json.loads(path.read_text(encoding="utf-8"))
    assert golden["pack"] == id and len(golden["cases"]) >= CASES
    assert len({case["result"]["verdict"] for case in golden["cases"]}) > 1
    for case in golden["cases"]:
        assert answered(PACKS[id], golden, case) == case["result"], f"{id} gives other results: it needs another id"


@pytest.mark.parametrize("id", ["innovative@2022-63", "tech@2017-115", "srdi@2026-2", "giant@2022-63", "giant@2026-2"])
def test_an_edit_of_any_gate_is_seen(id: str) -> None:
    golden = json.loads(file_of(id).read_text(encoding="utf-8"))
    for gate in PACKS[id].gates:
        others = tuple(one for one in PACKS[id].gates if one is not gate)
        edited = msgspec.structs.replace(PACKS[id], gates=others)
        assert any(answered(edited, golden, case) != case["result"] for case in golden["cases"])


def fresh(id: str) -> dict[str, Any]:
    random, asked = Random(f"golden {id}"), PACKS[id].inputs
    golden: dict[str, Any] = {"pack": id, "base": {name: good()[name] for name in asked if name in good()}, "cases": []}
    for number in range(CASES):
        form, level, judged = enterprise(random, id, asked)
        changes = {name: form[name] for name in golden["base"] if form[name] != golden["base"][name]}
        if number % INCOMPLETE == 0:
            changes |= dict.fromkeys(random.sample(sorted(golden["base"]), min(2, len(golden["base"]))))
        entered = {name: str(points) for name, points in judged.items() if number % INCOMPLETE}
        case = {"changes": changes, "level": level, "judged": entered}
        golden["cases"].append(case | {"result": answered(PACKS[id], golden, case)})
    return golden


def written(golden: dict[str, Any]) -> str:
    cases = ",\n".join(f"  {json.dumps(case, ensure_ascii=False)}" for case in golden["cases"])
    base = json.dumps(golden["base"], ensure_ascii=False)
    return f'{{\n "pack": {json.dumps(golden["pack"])},\n "base": {base},\n "cases": [\n{cases}\n ]\n}}\n'
