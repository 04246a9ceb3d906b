"""What a folder of rules holds, one rule after another, with its items, source and marks; then where packs are bound."""

from collections.abc import Iterator

from services.assessment.authoring.library import Library, Text
from services.assessment.authoring.words import KINDS, TIERS, TO_CHECK, span
from services.assessment.domain.rules.amendments import Bindings, Override, Supplement
from services.assessment.domain.rules.evaluate import uncertain
from services.assessment.domain.rules.form_map import DigitalFormMap
from services.assessment.domain.rules.pack import Pack
from services.assessment.domain.rules.questionnaire import Questionnaire


def listed(library: Library) -> Iterator[str]:
    for text in library.texts:
        head = text.head
        yield f"{text.file}  {head.id}  {head.title}{'' if head.certain else f'  [{TO_CHECK}]'}"
        yield f"    {items(text)}"
        yield f"    出处：{head.source}"
        if isinstance(head, Pack):
            yield from (f"    {TO_CHECK}：{label}" for label in uncertain(head))
        if isinstance(head, Bindings):
            yield from (f"    {line}" for line in bound(head))


def items(text: Text) -> str:
    head = text.head
    match head:
        case Pack():
            counts = (
                f"条件 {len(head.gates)}，直通 {len(head.direct)}，指标 {len(head.indicators)}，数据 {len(head.inputs)}"
            )
            return f"{counts}；{head.base} + {'、'.join(head.amendments)}" if head.base else counts
        case Override():
            return f"{'、'.join(head.packs)} 的 {head.edition}（第 {head.order}）：调整 {len(head.changes)} 项，{head.reason}"
        case Supplement():
            return f"{head.pack} 的 {'、'.join(head.replaces)}：代以 {len(head.indicators)} 项指标"
        case Bindings():
            return f"适用 {len(head.bindings)} 条"
        case Questionnaire():
            return f"题目 {len(head.questions)}，场景 {len(head.scenes)}，等级 {len(head.levels)}"
        case DigitalFormMap():
            return f"行业 {len(head.prefixes)} 条，问卷 {len([one for one in head.questionnaires.values() if one])} 份"
        case _:
            return f"{len(text.lines)} 项"


def bound(table: Bindings) -> Iterator[str]:
    for row in table.bindings:
        what = f"{TIERS.get(row.tier, row.tier)} {KINDS.get(row.kind, row.kind)}"
        mark = "" if row.certain else f"  [{TO_CHECK}]"
        yield f"{what}，窗口开放 {span(row.opens_from, row.opens_to)} → {row.pack}（{row.basis}）{mark}"


def summary(library: Library, faults: int) -> str:
    bindings = sum(len(text.content.get("bindings", [])) for text in library.of(Bindings))
    return f"{len(library.texts)} files, {len(library.packs)} packs, {bindings} bindings, {faults} errors"
