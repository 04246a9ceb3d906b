"""What-if: submissions that were scored once, scored again under another pack; who passes, who no longer does, by region."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

import msgspec

from libs.events.contracts.assessment import ApplicationScored
from services.assessment.authoring.words import row, table
from services.assessment.domain.rules import Pack, evaluate
from services.assessment.domain.scores.judged import decimals

WORDS = {"pass": "通过", "fail": "不通过", "open": "未定"}


class Tried(msgspec.Struct, frozen=True):
    """One submission: its verdict then and now, and what of its data the pack asks for and the score did not keep."""

    application: str
    region: str
    pack: str
    before: str
    after: str
    lacking: tuple[str, ...]


def tried(pack: Pack, scored: Iterable[ApplicationScored]) -> list[Tried]:
    """Judgements count where the pack has the same item; nothing is written anywhere."""
    return sorted((tried_on(pack, one) for one in scored), key=lambda one: (one.region, one.application))


def tried_on(pack: Pack, one: ApplicationScored) -> Tried:
    given = one.inputs
    result = evaluate(pack, given.answers, given.digital_level, decimals(given.judgements))
    lacking = [name for name, asked in pack.inputs.items() if asked.origin != "digital" and name not in given.answers]
    return Tried(one.application, one.region, one.pack.id, one.verdict, result.verdict, tuple(lacking))


def report(pack: Pack, found: list[Tried]) -> str:
    """By region, then everybody whose verdict changes, Markdown."""
    lines = [f"# {pack.id}：{pack.title}", "", *table("地区", "原结论", "按此标准", "件数"), *by_region(found), ""]
    changed = [one for one in found if one.before != one.after]
    if changed:
        lines += [*table("申报", "地区", "原标准", "原结论", "按此标准", "缺少的数据"), *map(changed_row, changed), ""]
    gained = sum(one.after == "pass" for one in changed)
    lost = sum(one.before == "pass" for one in changed)
    lines.append(f"{len(found)} 件，结论改变 {len(changed)} 件：新通过 {gained}，不再通过 {lost}。未写入任何内容。")
    return "\n".join(lines) + "\n"


def by_region(found: list[Tried]) -> Iterator[str]:
    for region, ones in groupby(found, key=lambda one: one.region):
        for (before, after), count in sorted(Counter((one.before, one.after) for one in ones).items()):
            yield row(region, WORDS[before], WORDS[after], str(count))


def changed_row(one: Tried) -> str:
    return row(one.application, one.region, one.pack, WORDS[one.before], WORDS[one.after], "、".join(one.lacking))
