"""Kinds of rules that the format knows and the packs of 2022 do not use, on a small made-up pack."""

from decimal import Decimal
from typing import Any

import pytest

from services.assessment.domain.rules import PolicyFault, ScoreResult, evaluate, load_pack

MONEY = {"type": "decimal2", "label": "研发费用", "origin": "form", "unit": "万元"}


def content(**parts: object) -> dict[str, Any]:
    """A pack of gates alone, as the law of 2026 has them."""
    return {
        "kind": "pack",
        "id": "made-up@1",
        "title": "虚构标准",
        "source": "虚构文件，第一条",
        "authority": "national",
        "effective_from": "2026-01-01",
        "effective_to": None,
        "certain": True,
        "tier": "made_up",
        "kinds": ["declaration"],
        "inputs": {
            "spent": MONEY,
            "revenue": MONEY | {"label": "营业收入"},
            "share": {"type": "percent", "label": "市场占有率", "origin": "form"},
        },
        "evidence": {},
        "gates": [],
    } | parts


def gate(**parts: object) -> dict[str, Any]:
    return {"id": "P1", "label": "条件", "clause": "第一条"} | parts


def run(gates: list[dict[str, Any]], judgements: dict[str, Decimal] | None = None, **form: object) -> ScoreResult:
    return evaluate(load_pack(content(gates=gates)), form, None, judgements or {})


def test_a_pack_without_a_score_asks_for_its_gates_only() -> None:
    gates = [gate(value="spent", unit="万元", at_least=100)]
    assert run(gates, spent="100.00").verdict == "pass"
    assert run(gates, spent="99.99").verdict == "fail"
    assert run(gates).verdict == "open"
    assert (run(gates).pass_at, run(gates).max) == (None, "0")


@pytest.mark.parametrize(
    ("revenue", "state", "gap"),
    [("1000.00", "met", None), ("999.99", "not-met", "0.0009个百分点"), ("0", "not-met", None)],
)
def test_a_condition_may_have_an_upper_bound(revenue: str, state: str, gap: str | None) -> None:
    result = run([gate(value="ratio(spent, revenue)", unit="percent", at_most=80)], spent="800.00", revenue=revenue)
    assert (result.gates[0].state, result.gates[0].required) == (state, "不高于80%")
    assert result.gates[0].gap == gap


def test_a_condition_may_have_both_bounds() -> None:
    both = [gate(value="spent", unit="万元", at_least=1, at_most=2)]
    assert [run(both, spent=amount).verdict for amount in ("0.99", "1", "2", "2.01")] == [
        "fail",
        "pass",
        "pass",
        "fail",
    ]
    assert run(both, spent="1").gates[0].required == "不低于1万元且不高于2万元"


def test_a_human_judgement_of_a_condition_is_open_until_entered() -> None:
    judged = [gate(judgement={"by": "authority"})]
    assert (run(judged).verdict, run(judged).gates[0].reason) == ("open", "待认定机关评定")
    assert run(judged, {"P1": Decimal(1)}).verdict == "pass"
    assert run(judged, {"P1": Decimal(0)}).verdict == "fail"


def test_an_expression_without_a_value_does_not_hold() -> None:
    nested = [gate(when="spent >= revenue ? true : ratio(ratio(spent, revenue), spent)")]
    assert [run(nested, spent=spent, revenue="0").verdict for spent in ("0", "-1")] == ["pass", "fail"]


def test_an_expression_that_has_no_value_for_plain_inputs_is_still_a_number() -> None:
    change = [gate(value="growth(spent, spent - revenue)", unit="percent", at_least=0)]
    assert run(change, spent="2", revenue="1").gates[0].value == "100"
    assert "基期数为零" in (run(change, spent="1", revenue="1").gates[0].reason or "")


def test_per_cent_fields_reach_expressions_in_hundredths() -> None:
    result = run([gate(when="share >= 1000")], share="10.00")
    assert (result.verdict, result.gates[0].inputs[0].value) == ("pass", "10%")


def test_numbers_beyond_sixty_four_bits_are_said_and_never_raise() -> None:
    most = "90000000000000000"
    result = run([gate(value="spent + revenue", unit="万元", at_least=1)], spent=most, revenue=most)
    assert (result.gates[0].state, result.gates[0].reason) == ("open", "数值过大，无法计算")


def test_a_mark_of_uncertainty_is_listed() -> None:
    assert run([gate(when="spent > 0", certain=False)]).uncertain == ("条件",)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"gates": [gate(value="spent", at_least=1)]}, "单位和界限"),
        ({"gates": [{"label": "条件", "when": "spent > 0"}]}, "id 与条款"),
        ({"gates": [gate(when="spent")]}, "应得出真假"),
        ({"inputs": {"level": {"type": "choice", "label": "级别", "origin": "form"}}}, "须列出选项"),
        ({"surprise": 1}, "unknown field"),
    ],
)
def test_a_fault_without_file_and_line_names_its_path(parts: dict[str, Any], words: str) -> None:
    with pytest.raises(PolicyFault, match=words) as refusal:
        load_pack(content(**parts))
    assert (refusal.value.line, refusal.value.path[0]) == (0, "$")
