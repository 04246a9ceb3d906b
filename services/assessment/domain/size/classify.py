"""classify: industry, figures and the standard → one class by all indicators, or why a person has to decide."""

from collections.abc import Mapping

from services.assessment.domain.size.measure import Measured, measure
from services.assessment.domain.size.results import Declared, SizeChange, SizeResult
from services.assessment.domain.size.standard import Ambiguous, NotCovered, SizeIndustry, SizeStandard, row_of

Figures = Mapping[str, object]
"""Indicator → as entered: whole numbers of people, money in 万元 with at most two decimals."""

ASK = "请由主管部门人工判断企业规模"
CHECK_CODE = "请核对行业代码，选到《国民经济行业分类》的小类"
FILL = "请补充所缺指标；无法提供的，由主管部门人工判断企业规模"
MAPPING = "行业代码与划型行业的对应"


def classify(standard: SizeStandard, industry: str, figures: Figures, declared: str | None = None) -> SizeResult:
    """划型 (《中小企业划型标准规定》第四条): a class asks all its indicators at its lower bounds, which include
    themselves; the smallest class needs only one below. So the class is the least that any indicator reaches.

    `industry`: a GB/T 4754 code. Never raises for what may be entered.
    """
    row = row_of(standard, industry)
    match row:
        case SizeIndustry():
            return by_indicators(standard, industry, row, figures, declared)
        case NotCovered():
            reason, way_out = f"《{standard.title}》没有列入{row.label}，不能按指标划型", ASK
        case Ambiguous():
            reason = f"代码 {industry} 之下分属{'、'.join(row.labels)}等不同划型行业"
            way_out = CHECK_CODE
        case None:
            reason, way_out = f"划型对照表中没有代码 {industry or '（未填写）'}", CHECK_CODE
    label = row.label if isinstance(row, NotCovered) else None
    return undecided(standard, industry, label, reason, way_out, declared)


def by_indicators(
    standard: SizeStandard, code: str, industry: SizeIndustry, figures: Figures, declared: str | None
) -> SizeResult:
    measured = [measure(standard, industry, name, figures.get(name)) for name in industry.bounds]
    lacking = [one for one in measured if one.index is None]
    worst = max(one.index or 0 for one in measured)
    possible = standard.classes[worst:] if lacking else standard.classes[worst : worst + 1]
    decided = possible[0] if len(possible) == 1 else None
    sme = {standard.classes.index(one) >= standard.classes.index(standard.sme_from) for one in possible}
    reason = "；".join(f"{one.shown.label}：{one.shown.reason}" for one in lacking)
    return SizeResult(
        standard=standard.id,
        title=standard.title,
        source=standard.source,
        industry=code,
        industry_id=industry.id,
        industry_label=industry.label,
        clause=industry.clause,
        state="classified" if decided else "not-classifiable",
        size_class=decided,
        possible=possible,
        sme=sme.pop() if len(sme) == 1 else None,
        deciding=tuple(one.shown.id for one in measured if one.index == worst) if decided else (),
        indicators=tuple(one.shown for one in measured),
        larger=larger(standard, measured, worst) if decided else None,
        smaller=smaller(standard, measured, worst) if decided else None,
        reason=None if decided else reason,
        way_out=None if decided else FILL,
        uncertain=() if industry.codes_certain else (MAPPING,),
        declared=compared(standard, decided, declared),
    )


def larger(standard: SizeStandard, measured: list[Measured], index: int) -> SizeChange | None:
    """The next larger class, and what every indicator that is short of it lacks."""
    if index == 0:
        return None
    short = [one for one in measured if one.index is None or one.index >= index]
    return SizeChange(size_class=standard.classes[index - 1], when=tuple(one.rise_to(index - 1) for one in short))


def smaller(standard: SizeStandard, measured: list[Measured], index: int) -> SizeChange | None:
    """The next smaller class, and which single fall leads to it or below."""
    if index == len(standard.classes) - 1:
        return None
    return SizeChange(size_class=standard.classes[index + 1], when=tuple(one.fall_below(index) for one in measured))


def undecided(
    standard: SizeStandard, code: str, label: str | None, reason: str, way_out: str, declared: str | None
) -> SizeResult:
    return SizeResult(
        standard=standard.id,
        title=standard.title,
        source=standard.source,
        industry=code,
        industry_id=None,
        industry_label=label,
        clause=None,
        state="not-classifiable",
        size_class=None,
        possible=standard.classes,
        sme=None,
        deciding=(),
        indicators=(),
        larger=None,
        smaller=None,
        reason=reason,
        way_out=way_out,
        uncertain=(MAPPING,),
        declared=compared(standard, None, declared),
    )


def compared(standard: SizeStandard, computed: str | None, declared: str | None) -> Declared | None:
    """What was declared (企业自行填报) next to what was computed."""
    if not declared:
        return None
    if declared not in standard.classes:
        words = f"申报的“{declared}”不是{'、'.join(standard.classes)}之一"
        return Declared(size_class=declared, agrees=None, difference=words)
    if computed is None:
        return Declared(size_class=declared, agrees=None, difference=f"申报为{declared}，按标准无法核对")
    if declared == computed:
        return Declared(size_class=declared, agrees=True, difference=None)
    return Declared(size_class=declared, agrees=False, difference=f"申报为{declared}，按所填指标为{computed}")
