"""Two packs side by side: what is only in one of them, and what reads differently."""

from collections.abc import Iterator

from services.assessment.authoring import words
from services.assessment.authoring.explain import group_text
from services.assessment.authoring.words import BREAK, KINDS, row, table
from services.assessment.domain.rules.numbers import exact_text
from services.assessment.domain.rules.pack import Condition, Indicator, Pack

NOTHING = "—"


def compared(before: Pack, after: Pack) -> str:
    """A table of what differs, Markdown; conditions and indicators are the same where their ids are."""
    one, other = texts(before), texts(after)
    lines = [f"# {before.id} 与 {after.id}", "", *table("编号", before.id, after.id)]
    differing = [key for key in {**one, **other} if one.get(key) != other.get(key)]
    lines += [row(key, one.get(key, NOTHING), other.get(key, NOTHING)) for key in differing]
    same = sum(one[key] == other.get(key) for key in one)
    return "\n".join([*lines, "", f"{len(differing)} 处不同，{same} 处相同。"]) + "\n"


def texts(pack: Pack) -> dict[str, str]:
    """Everything that decides, by its id, in words."""
    said = {"业务": "、".join(KINDS.get(kind, kind) for kind in pack.kinds)}
    said["评分"] = f"{pack.score.label}（{exact_text(pack.score.pass_at)}分）" if pack.score else NOTHING
    said |= {f"类别 {group.label}": group_text(group) for group in pack.groups}
    for condition in pack.gates:
        said |= dict(condition_texts(condition, pack, ""))
    for condition in pack.direct:
        said |= dict(condition_texts(condition, pack, "直通 "))
    return said | {one.id: indicator_text(one, pack) for one in pack.indicators}


def condition_texts(one: Condition, pack: Pack, place: str, above: str = "") -> Iterator[tuple[str, str]]:
    """Parts without an id are named by what stands above them."""
    name = one.id or f"{above} {one.label}".strip()
    yield f"{place}{name}", BREAK.join(filter(None, (one.label, words.test_of(one, pack.inputs), words.marked(one))))
    for part in (*one.all, *one.any):
        yield from condition_texts(part, pack, place, one.id or above)


def indicator_text(one: Indicator, pack: Pack) -> str:
    parts = (
        f"{one.label}（{exact_text(one.max)}分）",
        words.values_of(one, pack.inputs),
        words.steps_of(one, pack.inputs),
    )
    return BREAK.join(filter(None, (*parts, words.marked(one))))
