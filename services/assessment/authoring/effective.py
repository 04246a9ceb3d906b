"""Which effective packs the amendments of a folder make, and the text of each."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec
import yaml

from services.assessment.domain.rules import PolicyFault
from services.assessment.domain.rules.amend import SUPPLEMENT, Amendment, effective
from services.assessment.domain.rules.faults import line_of

Content = Mapping[str, Any]
Years = tuple[int | None, int | None]

HEADER = "# 由 {sources} 得出；请勿直接修改，改其来源后运行 tidu rules write。\n"


class Effective(msgspec.Struct, frozen=True):
    """A pack to be made: from which base, by which amendments in their order, for which kinds of filing."""

    id: str
    base: Content
    amendments: tuple[Amendment, ...]
    kinds: tuple[str, ...]

    @property
    def file(self) -> str:
        return self.id.replace("@", "-") + ".yaml"

    @property
    def years(self) -> Years:
        """The years of windows that all its overrides speak of."""
        spans = [one.content["window_years"] for one in self.amendments if "window_years" in one.content]
        ends = [span["to"] for span in spans if span.get("to") is not None]
        return (max(span["from"] for span in spans), min(ends, default=None)) if spans else (None, None)


def planned(bases: Mapping[str, Content], amendments: Sequence[Amendment]) -> list[Effective]:
    """One pack for each base and edition, and for each set of kinds that the same overrides touch.

    Raises PolicyFault for a pack that is not there, and for two overrides of the same order.
    """
    editions: dict[tuple[str, str], list[Amendment]] = {}
    for one in amendments:
        packs, edition = targets(one)
        for pack in packs:
            if pack not in bases:
                raise fault(one, "$.packs" if "packs" in one.content else "$.pack", f"没有名为 {pack} 的标准")
            editions.setdefault((pack, edition), []).append(one)
    return [made for (pack, edition), found in editions.items() for made in of_edition(bases[pack], edition, found)]


def targets(amendment: Amendment) -> tuple[list[str], str]:
    content = amendment.content
    if content["kind"] == SUPPLEMENT:
        return [content["pack"]], content["authority"]
    return list(content["packs"]), content["edition"]


def of_edition(base: Content, edition: str, amendments: list[Amendment]) -> list[Effective]:
    """Kinds with the same sequence of amendments share a pack; the pack for declarations has the plain name."""
    ordered = sorted(amendments, key=lambda one: one.content.get("order", 0))
    for before, after in pairwise(ordered):
        if before.content.get("order") == after.content.get("order"):
            raise fault(after, "$.order", f"与 {before.id} 的次序相同")
    touched = list(dict.fromkeys(kind for one in ordered for kind in one.content.get("kinds", base["kinds"])))
    sequences: dict[tuple[str, ...], list[str]] = {}
    for kind in touched:
        names = tuple(one.id for one in ordered if kind in one.content.get("kinds", base["kinds"]))
        sequences.setdefault(names, []).append(kind)
    found = []
    for names, kinds in sequences.items():
        suffix = "" if len(sequences) == 1 or "declaration" in kinds else "-" + "-".join(kinds)
        chosen = tuple(one for one in ordered if one.id in names)
        found.append(Effective(f"{base['id']}+{edition}{suffix}", base, chosen, tuple(kinds)))
    return found


def made(one: Effective) -> dict[str, Any]:
    """Its content. Raises PolicyFault where an amendment does not fit."""
    return effective(one.base, one.amendments, one.id, one.kinds)


def written(one: Effective) -> str:
    """Its text, as it stands in the folder of packs."""
    sources = "、".join([str(one.base["id"]), *(amendment.id for amendment in one.amendments)])
    text = yaml.dump(made(one), Dumper=Plain, allow_unicode=True, sort_keys=False, width=1000, default_flow_style=None)
    return HEADER.format(sources=sources) + text


class Plain(yaml.SafeDumper):
    """Without anchors: a part that stands twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def fault(amendment: Amendment, path: str, message: str) -> PolicyFault:
    return PolicyFault(amendment.file, line_of(path, amendment.lines), path, message)
