"""An effective pack: the text of a pack with its amendments applied in order. Pure, on parsed contents."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

import msgspec

from services.assessment.domain.rules.faults import Lines, PolicyFault, RuleFault, line_of
from services.assessment.domain.rules.load import load_pack

Content = dict[str, Any]

OVERRIDE, SUPPLEMENT = "override", "supplement"
ITEMS = ("gates", "direct", "indicators")


class Amendment(msgspec.Struct, frozen=True):
    """The checked content of an override or a supplement, and where each of its parts stands."""

    content: Mapping[str, Any]
    file: str = ""
    lines: Lines = msgspec.field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.content["id"])


class Place(msgspec.Struct, frozen=True):
    """A condition or indicator within a pack's content."""

    path: str
    among: list[Content]
    index: int

    @property
    def part(self) -> Content:
        return self.among[self.index]


def effective(base: Mapping[str, Any], amendments: Sequence[Amendment], id: str, kinds: Sequence[str]) -> Content:
    """The content of pack `id`. PolicyFault, in the amendment's own file and line, where it does not fit the pack."""
    content: Content = deepcopy(dict(base))
    for amendment in amendments:
        content = headed(content, amendment)
        apply = apply_supplement if amendment.content["kind"] == SUPPLEMENT else apply_override
        try:
            apply(content, amendment)
        except RuleFault as trouble:
            raise fault(amendment, trouble.path, trouble.message) from trouble
    return {**content, "id": id, "kinds": list(kinds), "base": base["id"], "amendments": [a.id for a in amendments]}


def apply_override(content: Content, amendment: Amendment) -> None:
    declare(content, amendment)
    for index, change in enumerate(amendment.content["changes"]):
        path = f"$.changes[{index}]"
        part = deepcopy(change.get("condition") or change.get("indicator"))
        inside, moved = f"{path}.{'condition' if 'condition' in change else 'indicator'}", {}
        if "add" in change:
            among = content.setdefault(change["add"], [])
            among.append(part)
            moved = {f"$.{change['add']}[{len(among) - 1}]": inside}
        elif "replace" in change:
            where = found(content, change["replace"], f"{path}.replace")
            where.among[where.index] = part
            moved = {where.path: inside}
        else:
            where = found(content, change["waive"], f"{path}.waive")
            where.part["waived"] = f"{change['reason']}（{amendment.content['title']}）"
        still_holds(content, amendment, path, moved)


def apply_supplement(content: Content, amendment: Amendment) -> None:
    declare(content, amendment)
    gone = [found(content, one, f"$.replaces[{n}]") for n, one in enumerate(amendment.content["replaces"])]
    among, first = content["indicators"], min(place.index for place in gone)
    taken = [place.part for place in gone]
    content["indicators"] = kept = [one for one in among if one not in taken]
    kept[first:first] = deepcopy(amendment.content["indicators"])
    moved = {f"$.indicators[{first + n}]": f"$.indicators[{n}]" for n in range(len(amendment.content["indicators"]))}
    still_holds(content, amendment, "$.indicators", moved)


def still_holds(content: Content, amendment: Amendment, path: str, moved: Mapping[str, str]) -> None:
    """The pack must be right after each change; a fault is told where the amendment wrote it."""
    try:
        load_pack(content)
    except PolicyFault as trouble:
        for placed, written in moved.items():
            within = trouble.path.removeprefix(placed)
            if within != trouble.path and within[:1] in ("", ".", "["):
                path = written + within
        raise fault(amendment, path, trouble.message) from trouble


def declare(content: Content, amendment: Amendment) -> None:
    """New inputs and evidence; a name that the pack has already must mean the same."""
    for place in ("inputs", "evidence"):
        for name, said in amendment.content.get(place, {}).items():
            if content[place].get(name, said) != said:
                raise RuleFault(f"$.{place}.{name}", f"{name} 在 {content['id']} 中另有定义")
            content[place][name] = said


def headed(content: Content, amendment: Amendment) -> Content:
    """The head says both sources, the narrower time, and is certain only if both are."""
    said = amendment.content
    ends = [one["effective_to"] for one in (content, said) if one["effective_to"] is not None]
    national = said["kind"] == OVERRIDE
    notes = [f"依{said['source']}：{said['reason']}"] if national else [f"特色化指标依{said['source']}"]
    return content | {
        "title": f"{content['title']}，{said['title']}",
        "source": content["source"]
        if said["source"] in content["source"]
        else f"{content['source']}；{said['source']}",
        "authority": content["authority"] if national else said["authority"],
        "effective_from": max(content["effective_from"], said["effective_from"]),
        "effective_to": min(ends) if ends else None,
        "certain": content["certain"] and said["certain"],
        "notes": [*content.get("notes", []), *notes, *said.get("notes", [])],
    }


def found(content: Content, id: str, path: str) -> Place:
    """Raises RuleFault where the pack has nothing of this id."""
    for name in ITEMS:
        for place in places(content.get(name, []), f"$.{name}"):
            if place.part.get("id") == id:
                return place
    raise RuleFault(path, f"{content['id']} 中没有 {id}")


def places(among: list[Content], path: str) -> Iterator[Place]:
    for index, part in enumerate(among):
        place = Place(f"{path}[{index}]", among, index)
        yield place
        for inner in ("all", "any"):
            yield from places(part.get(inner, []), f"{place.path}.{inner}")


def fault(amendment: Amendment, path: str, message: str) -> PolicyFault:
    return PolicyFault(amendment.file, line_of(path, amendment.lines), path, message)
