"""A pack as a page in Chinese that a lawyer can lay beside the notice: every condition, step, source and mark."""

from collections.abc import Iterator, Sequence

from services.assessment.authoring import words
from services.assessment.authoring.library import Library
from services.assessment.authoring.words import BREAK, KINDS, ORIGINS, TIERS, TO_CHECK, row, table
from services.assessment.domain.rules.amendments import Bindings
from services.assessment.domain.rules.numbers import exact_text
from services.assessment.domain.rules.pack import Condition, Group, Pack

SCALE = "算式中的金额、得分以百分之一为单位（100 即 1.00 万元或 1.00 分），百分数字段以百分之一个百分点为单位。"


def explained(pack: Pack, library: Library) -> str:
    """The page, as Markdown."""
    parts = [head(pack), bound(pack, library), gates(pack), scored(pack), direct(pack), inputs(pack), notes(pack)]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def head(pack: Pack) -> list[str]:
    kinds = "、".join(KINDS.get(kind, kind) for kind in pack.kinds)
    lines = [
        f"# {pack.title}",
        "",
        *table("标准", pack.id),
        row("称号与业务", f"{TIERS.get(pack.tier, pack.tier)}：{kinds}"),
        row("出处", pack.source),
        row("认定机关", "全国" if pack.authority == "national" else pack.authority),
        row("施行", words.span(pack.effective_from, pack.effective_to)),
    ]
    if pack.new_cases_until is not None:
        lines.append(row("新窗口", f"到 {pack.new_cases_until} 为止，已绑定的继续适用"))
    if pack.base is not None:
        lines.append(row("由来", f"{pack.base}，依次经 {'、'.join(pack.amendments)} 调整"))
    return [*lines, row("标记", "依公开文本整理" if pack.certain else TO_CHECK)]


def bound(pack: Pack, library: Library) -> list[str]:
    rows = []
    for text in library.of(Bindings):
        assert isinstance(text.head, Bindings)
        where = "全国" if text.head.authority == "national" else text.head.authority
        for one in text.head.bindings:
            if one.pack == pack.id:
                mark = "" if one.certain else TO_CHECK
                when = words.span(one.opens_from, one.opens_to)
                rows.append(row(where, KINDS.get(one.kind, one.kind), when, one.basis, mark))
    return ["## 适用的窗口", "", *table("认定机关", "业务", "窗口开放日", "依据", "标记"), *rows] if rows else []


def gates(pack: Pack) -> list[str]:
    return ["## 认定条件（须同时满足）", "", *conditions(pack.gates, pack)]


def direct(pack: Pack) -> list[str]:
    return ["## 直通条件（满足任一项，可代替评分）", "", *conditions(pack.direct, pack)] if pack.direct else []


def conditions(found: Sequence[Condition], pack: Pack) -> list[str]:
    lines = table("编号", "条件", "判定", "出处", "证明材料", "标记")
    for one in found:
        lines += nested(one, pack, "")
    return lines


def nested(one: Condition, pack: Pack, indent: str) -> Iterator[str]:
    evidence = "、".join(pack.evidence[slot] for slot in one.evidence)
    test = words.test_of(one, pack.inputs)
    yield row(one.id, indent + one.label, test, one.clause, evidence, words.marked(one))
    for part in (*one.all, *one.any):
        yield from nested(part, pack, indent + "　└ ")


def scored(pack: Pack) -> list[str]:
    if pack.score is None:
        return []
    total = exact_text(sum((group.max for group in pack.groups), start=pack.score.pass_at * 0))
    lines = [f"## 评分（满分{total}分）", "", f"{pack.score.label}（{pack.score.clause}）。", ""]
    lines += table("类别", "编号", "指标", "满分", "算法", "分档与得分", "出处", "证明材料", "标记")
    for group in pack.groups:
        lines += [
            row(
                group_text(group),
                one.id,
                one.label,
                exact_text(one.max),
                words.values_of(one, pack.inputs),
                words.steps_of(one, pack.inputs),
                one.clause,
                "、".join(pack.evidence[slot] for slot in one.evidence),
                words.marked(one),
            )
            for one in pack.indicators
            if one.group == group.id
        ]
    return lines


def group_text(group: Group) -> str:
    text = f"{group.label}{BREAK}{exact_text(group.max)}分"
    if group.floor is not None:
        return f"{text}，不低于{exact_text(group.floor)}分"
    return f"{text}，不得为0分" if group.nonzero else text


def inputs(pack: Pack) -> list[str]:
    if not pack.inputs:
        return []
    lines = ["## 所用数据", "", *table("数据", "单位或选项", "来源", "字段")]
    for name, one in pack.inputs.items():
        kind = "、".join(one.options.values()) or ("是或否" if one.type == "boolean" else one.unit or "")
        lines.append(row(one.label, "%" if kind == "percent" else kind, ORIGINS[one.origin], f"`{name}`"))
    return [*lines, "", SCALE]


def notes(pack: Pack) -> list[str]:
    return ["## 说明", "", *(f"- {note}" for note in pack.notes)] if pack.notes else []
