"""One enterprise under several packs, side by side: every item explained, the same item on one row."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from services.assessment.authoring.diff import NOTHING
from services.assessment.authoring.trial import WORDS
from services.assessment.authoring.words import BREAK, TO_CHECK, row, table
from services.assessment.domain.rules import Pack, evaluate
from services.assessment.domain.rules.points import NOT_MET
from services.assessment.domain.rules.results import ConditionResult, GroupResult, IndicatorResult, ScoreResult

Key = tuple[str, ...]
"""The kind of an item, then the names from the whole to the part."""
KINDS = ("标准", "结论", "得分", "条件", "类别", "指标", "直通")
STATES = {"met": "符合", "not-met": "不符合", "open": "未定"}


class Firm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an enterprise answers: field → value as a form saves it, its digital level 0–4 (None: not assessed), and
    judgements of the authority, item → points."""

    answers: dict[str, Any]
    digital_level: int | None = None
    judgements: dict[str, Decimal] = {}


def beside(firm: Firm, packs: Sequence[Pack]) -> str:
    """A table with a column for each pack, Markdown. Items are the same where their kind and names are; each kind stands
    together, in the order of the packs."""
    results = [evaluate(pack, firm.answers, firm.digital_level, firm.judgements) for pack in packs]
    columns = [dict(items(result)) for result in results]
    keys = sorted(dict.fromkeys(key for column in columns for key in column), key=lambda key: KINDS.index(key[0]))
    lines = [row(title(key), *(column.get(key, NOTHING) for column in columns)) for key in keys]
    return "\n".join([*table("项目", *(pack.id for pack in packs)), *lines]) + "\n"


def items(result: ScoreResult) -> Iterator[tuple[Key, str]]:
    yield ("标准",), result.title
    yield ("结论",), WORDS[result.verdict]
    yield ("得分",), score(result)
    for gate in result.gates:
        yield from conditions(("条件", gate.label), gate)
    for group in result.groups:
        yield ("类别", group.label), group_text(group)
    for one in result.indicators:
        yield ("指标", one.label), indicator_text(one)
    for condition in result.direct:
        yield from conditions(("直通", condition.label), condition)


def title(key: Key) -> str:
    """A part stands below what it is a part of."""
    kind, *names = key
    return f"{kind}　{'　› ' * (len(names) - 1)}{names[-1]}" if names else kind


def score(result: ScoreResult) -> str:
    if result.pass_at is None:
        return NOTHING
    return f"{span(result.low, result.high)}（满分{result.max}，{result.pass_label}）"


def conditions(key: Key, one: ConditionResult) -> Iterator[tuple[Key, str]]:
    required = f"要求{one.required}" if one.required else None
    gap = f"差{one.gap}" if one.gap else None
    yield key, said(STATES[one.state], one.value_text, required, gap, one.reason, certain=one.certain)
    for part in one.parts:
        yield from conditions((*key, part.label), part)


def group_text(group: GroupResult) -> str:
    floor = f"最低{group.floor}分：{STATES[group.state]}" if group.floor else None
    return said(f"{span(group.low, group.high)}/{group.max}分", floor)


def indicator_text(one: IndicatorResult) -> str:
    better = one.next_step
    following = f"再进一档（{better.points}分）：{better.text}；{lacking(better.gap)}" if better else None
    points = f"{span(one.low, one.high)}/{one.max}分"
    return said(points, one.value_text, one.step, following, one.reason, one.clause, certain=one.certain)


def lacking(gap: str) -> str:
    return gap if gap == NOT_MET else f"差{gap}"


def span(low: str, high: str) -> str:
    return low if low == high else f"{low}～{high}"


def said(*parts: str | None, certain: bool = True) -> str:
    return BREAK.join(part for part in (*parts, None if certain else TO_CHECK) if part)


def read_firm(content: bytes) -> Firm:
    """From JSON. Raises ValueError with what is wrong, and where."""
    try:
        return msgspec.json.decode(content, type=Firm)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error
