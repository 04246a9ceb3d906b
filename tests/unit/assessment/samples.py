"""Packs as shipped, and the forms of two made-up enterprises that meet them."""

from decimal import Decimal
from functools import cache
from pathlib import Path

from services.assessment.domain.rules import Pack, Questionnaire, ScoreResult, evaluate
from services.assessment.domain.rules.results import IndicatorResult
from services.assessment.policy_text import read_pack, read_questionnaire

POLICY = Path(__file__).parents[3] / "services" / "assessment" / "policy"

STANDING: dict[str, object] = {
    "legal_person": True,
    "enterprise_size": "小型",
    "abnormal_or_dishonest": False,
    "restricted_product": False,
    "serious_incident_3y": False,
}

INNOVATIVE: dict[str, object] = STANDING | {
    "ip_class1_high_value": 0,
    "ip_class1_self_developed": 1,
    "ip_class1": 1,
    "ip_class2": 3,
    "rd_expense_y1": "150.00",
    "revenue_y1": "3000.00",
    "main_revenue_y1": "2700.00",
    "main_revenue_y2": "2400.00",
    "total_assets_y1": "4000.00",
    "total_liabilities_y1": "1800.00",
    "strategic_emerging": True,
    "science_award_3y": False,
    "valid_honours": ["none"],
    "rd_institution_level": "none",
    "new_equity_3y": "0.00",
}

SRDI: dict[str, object] = STANDING | {
    "market_years": 6,
    "rd_expense_y1": "320.00",
    "rd_expense_y2": "280.00",
    "revenue_y1": "5000.00",
    "main_revenue_y1": "4500.00",
    "main_revenue_y2": "4200.00",
    "main_revenue_y3": "3900.00",
    "net_profit_y1": "450.00",
    "total_assets_y1": "6000.00",
    "total_liabilities_y1": "2800.00",
    "new_equity_2y": "0.00",
    "provincial_award_rank_3y": 0,
    "national_award_rank_3y": 0,
    "maker_contest_top500_3y": False,
    "main_product_field": "industrial_base",
    "quality_award": False,
    "management_certifications": ["iso9001"],
    "own_brand": True,
    "standards_participated": False,
    "ip_class1_high_value": 0,
    "ip_class1_self_developed": 2,
    "ip_class1": 2,
    "ip_class2": 4,
    "staff_total": 80,
    "rd_staff": 16,
    "rd_institution_level": "city",
}


@cache
def pack(name: str) -> Pack:
    path = POLICY / "packs" / f"{name}.yaml"
    return read_pack(path.read_text(encoding="utf-8"), path.name)


@cache
def questionnaire() -> Questionnaire:
    path = POLICY / "digital" / "digital-2024-56.yaml"
    return read_questionnaire(path.read_text(encoding="utf-8"), path.name)


def innovative(**changes: object) -> ScoreResult:
    return evaluate(pack("innovative-2022-63"), given(INNOVATIVE, changes), None, {})


def srdi(level: int | None = 3, feature: str | None = None, **changes: object) -> ScoreResult:
    judgements = {"S9": Decimal(feature)} if feature is not None else {}
    return evaluate(pack("srdi-2022-63"), given(SRDI, changes), level, judgements)


def given(form: dict[str, object], changes: dict[str, object]) -> dict[str, object]:
    """The form with changes; `...` takes a field away."""
    return {name: value for name, value in (form | changes).items() if value is not ...}


def indicator(result: ScoreResult, name: str) -> IndicatorResult:
    return next(one for one in result.indicators if one.id == name)


@cache
def packs() -> dict[str, Pack]:
    """All that are shipped, effective ones too, by id."""
    return {one.id: one for one in (pack(path.stem) for path in sorted((POLICY / "packs").glob("*.yaml")))}
