"""Expressions, bounds and steps of a pack in Chinese, for people who compare them with the notice."""

import re
from collections.abc import Mapping
from datetime import date

from services.assessment.domain.rules.conditions import bound_text
from services.assessment.domain.rules.ladder import band_text
from services.assessment.domain.rules.numbers import exact_text
from services.assessment.domain.rules.pack import Condition, Indicator, Input, Ladder

CALL = re.compile(r"(ratio|growth|mean|fraction)\(([^(),]*)(?:,\s*([^(),]*))?\)")
TOKEN = re.compile(r"'(?P<text>[^']*)'|(?P<name>[A-Za-z_]\w*)|(?P<mark>&&|\|\||>=|<=|==|!=|[!*()\[\]])")
CALLS = {"ratio": "{0} ÷ {1}", "growth": "〔{0} − {1}〕 ÷ {1}", "mean": "〔{0}〕与〔{1}〕的算术平均", "fraction": "{0}"}
MARKS = {
    "&&": "且",
    "||": "或",
    ">=": "≥",
    "<=": "≤",
    "==": "＝",
    "!=": "≠",
    "!": "非",
    "*": "×",
    "(": "（",
    ")": "）",
}
KINDS = {"declaration": "申报", "re_review": "复核"}
TIERS = {
    "innovative": "创新型中小企业",
    "tech": "科技型中小企业",
    "srdi": "专精特新中小企业",
    "giant": "专精特新“小巨人”企业",
    "growth": "成长型中小企业",
}
ORIGINS = {"profile": "企业信息", "form": "申报表", "digital": "数字化水平评测", "import": "导入"}
TO_CHECK = "待核实"
BREAK = "<br>"


def in_words(text: str, inputs: Mapping[str, Input]) -> str:
    """An expression with the labels of its fields and options; functions as they are computed."""
    options = {code: label for name, one in inputs.items() if name in text for code, label in one.options.items()}

    def token(found: re.Match[str]) -> str:
        if found["text"] is not None:
            return options.get(found["text"], found["text"])
        if found["name"] is not None:
            name = found["name"]
            return "属于" if name == "in" else f"「{inputs[name].label}」" if name in inputs else name
        return MARKS.get(found["mark"], found["mark"])

    while (call := CALL.search(text)) is not None:
        written = CALLS[call[1]].format(*(part.strip() for part in call.groups("")[1:]))
        text = text[: call.start()] + written + text[call.end() :]
    return TOKEN.sub(token, text)


def test_of(condition: Condition, inputs: Mapping[str, Input]) -> str:
    """How a condition is decided."""
    if condition.waived:
        return f"不考察：{condition.waived}"
    if condition.all:
        return "以下各项须同时满足"
    if condition.any:
        return "满足以下任一项"
    if condition.judgement is not None:
        return "由认定机关评定" if condition.judgement.by == "authority" else "由专家评定"
    if condition.value is None:
        return in_words(condition.when or "", inputs)
    bound = bound_text(condition, condition.unit or "项")
    years = condition.compound_years
    yearly = "" if years is None else f"（{years}年合计增长，折合每年的复合增长率）"
    return f"{in_words(condition.value, inputs)}{yearly} {bound}"


def steps_of(indicator: Indicator, inputs: Mapping[str, Input]) -> str:
    """Every step with its points, the best first."""
    if indicator.ladder is not None:
        return bands(indicator.ladder)
    if indicator.best_of:
        return BREAK.join(f"{ladder.label}：{BREAK}{bands(ladder)}" for ladder in indicator.best_of)
    if indicator.cases:
        return BREAK.join(f"{case.text}：{exact_text(case.points)}分" for case in indicator.cases)
    if indicator.sum is not None:
        items = BREAK.join(f"{item.text}：{exact_text(item.points)}分" for item in indicator.sum.items)
        return f"{items}{BREAK}合计不超过{exact_text(indicator.sum.cap)}分"
    return f"由认定机关录入，0至{exact_text(indicator.max)}分"


def values_of(indicator: Indicator, inputs: Mapping[str, Input]) -> str:
    ladders = [indicator.ladder] if indicator.ladder else indicator.best_of
    computed = BREAK.join(in_words(ladder.value, inputs) for ladder in ladders)
    return f"{indicator.formula}{BREAK}算式：{computed}" if computed else indicator.formula


def bands(ladder: Ladder) -> str:
    return BREAK.join(f"{band_text(band, ladder.unit)}：{exact_text(band.points)}分" for band in ladder.steps)


def marked(one: Condition | Indicator) -> str:
    return BREAK.join(([] if one.certain else [TO_CHECK]) + list(one.notes))


def span(first: date, last: date | None) -> str:
    return f"{first} 起" if last is None else f"{first} 至 {last}"


def row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "｜") for cell in cells) + " |"


def table(*head: str) -> list[str]:
    return [row(*head), row(*("---" for _ in head))]
