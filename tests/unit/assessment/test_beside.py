"""One enterprise under several packs: what the engine says of it stands in its pack's column, on the item's own row."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli.rules import app
from services.assessment.authoring.beside import Firm, beside, read_firm
from services.assessment.domain.rules import evaluate
from tests.unit.assessment.samples import packs

FIRM = Firm(
    {
        "legal_person": True, "enterprise_size": "小型", "market_years": 6, "rd_expense_y1": "320.00",
        "revenue_y1": "5000.00", "main_revenue_y1": "4500.00", "net_profit_y1": "410.00", "total_assets_y1": "6000.00",
        "total_liabilities_y1": "2100.00",
    }, 2, {"S9": Decimal("12.5")},
)  # fmt: skip


def rows(text: str) -> dict[str, list[str]]:
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines()]
    return {first: rest for first, *rest in cells}


def test_each_column_says_what_the_engine_says_under_its_pack() -> None:
    chosen = [packs()["srdi@2022-63"], packs()["srdi@2026-2"]]
    found = rows(beside(FIRM, chosen))
    assert found["项目"] == ["srdi@2022-63", "srdi@2026-2"]
    for place, one in enumerate(chosen):
        result = evaluate(one, FIRM.answers, FIRM.digital_level, FIRM.judgements)
        for indicator in result.indicators:
            said = found[f"指标　{indicator.label}"][place]
            assert said.startswith(indicator.low) and f"/{indicator.max}分" in said and indicator.clause in said
            if indicator.points is None and indicator.reason:
                assert indicator.reason in said
        for gate in result.gates:
            assert found[f"条件　{gate.label}"][place].startswith(
                {"met": "符合", "not-met": "不符合", "open": "未定"}[gate.state]
            )


def test_what_one_pack_does_not_ask_is_a_dash_and_the_next_step_says_what_lacks() -> None:
    found = rows(beside(FIRM, [packs()["srdi@2022-63"], packs()["srdi@2026-2"]]))
    assert found["指标　上年度研发费用投入"] == [
        "6/10分<br>320万元<br>300万元（含）至400万元（不含）<br>再进一档（8分）：400万元（含）至500万元（不含）；差80万元<br>附件2 二、（四）11", "—",
    ]  # fmt: skip
    assert "尚不满足该情形" in found["指标　数字化水平"][0] and "差尚不" not in found["指标　数字化水平"][0]


def test_the_command_prints_it_and_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    file = tmp_path / "firm.json"
    file.write_text(json.dumps({"answers": FIRM.answers, "digital_level": 2, "judgements": {"S9": "12.5"}}), "utf-8")
    asked = ["beside", str(file), "srdi@2022-63", "srdi@2026-2"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0
    assert done.stdout == beside(read_firm(file.read_bytes()), [packs()["srdi@2022-63"], packs()["srdi@2026-2"]])
    file.write_text('{"answers": {}, "level": 3}', "utf-8")
    wrong = CliRunner().invoke(app, asked)
    assert wrong.exit_code == 2 and "level" in wrong.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "truncated"), (b"[]", "Expected `object`"), (b'{"answers": 1}', r"\$\.answers"),
        (b'{"answers": {}, "digital_level": "a"}', r"\$\.digital_level"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_firm_is_refused_with_the_place(content: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_firm(content)
