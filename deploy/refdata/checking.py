"""All reference data of a tree of services, checked; one line per table, and every fault with file and line."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from deploy.refdata import maps, tables
from deploy.refdata.files import File, Say, read_all
from services.applications.policy_text import industries_of, kinds_of, list_faults

EXPECTED = Path(__file__).parent / "expected.yaml"
UNCERTAIN = "待核实"
FOLDERS = {
    "reference": "applications/policy/reference",
    "lists": "applications/policy/lists",
    "forms": "applications/policy/forms",
    "prerequisites": "applications/policy/prerequisites",
    "size": "assessment/policy/size",
    "digital": "assessment/policy/digital",
    "digital_forms": "assessment/policy/digital_forms",
    "calendars": "review/policy/calendars",
    "chains": "review/policy/chains",
}


class Line(msgspec.Struct, frozen=True):
    """A table: its edition, where it comes from, how much is in it, and whether it is 待核实."""

    kind: str
    id: str
    edition: str
    source: str
    count: str
    mark: str


class Report(msgspec.Struct, frozen=True):
    lines: tuple[Line, ...]
    faults: tuple[str, ...]
    rows: int

    @property
    def summary(self) -> str:
        marked = sum(bool(line.mark) for line in self.lines)
        return f"{len(self.lines)} tables, {self.rows} rows, {marked} marked {UNCERTAIN}, {len(self.faults)} faults"


def check(services: Path) -> Report:
    """`services`: the folder that holds `applications/policy` and the others."""
    faults: list[str] = []
    read = {name: read_all(services / folder, faults.append) for name, folder in FOLDERS.items()}
    by_kind: dict[str, list[File]] = {}
    for file in [file for files in read.values() for file in files]:
        by_kind.setdefault(str(file.head["kind"]), []).append(file)
    counts: dict[Path, str] = {}
    missing = [kind for kind in ("industries", "divisions", "authorities", "zones") if kind not in by_kind]
    faults += [f"{FOLDERS['reference']}:1: no table of {kind}" for kind in missing]
    if not missing:
        _references(by_kind, counts, faults.append)
        _expected(by_kind, faults.append)
    _twice(by_kind, faults.append)
    if not missing and "list_kinds" in by_kind:
        policy = services / "applications/policy"
        for file in read["lists"]:
            faults += list_faults(file.path, kinds_of(policy), industries_of(policy))
    shown = ("reference", "lists", "size", "digital_forms", "calendars")
    files = [file for name in shown for file in read[name]]
    lines = tuple(_line(file, counts.get(file.path, "")) for file in files)
    return Report(lines, tuple(dict.fromkeys(faults)), sum(len(file.rows) for file in files))


def _references(by_kind: dict[str, list[File]], counts: dict[Path, str], say: Say) -> None:
    industries, divisions, listed = by_kind["industries"][-1], by_kind["divisions"][-1], by_kind["authorities"][-1]
    trees = (*by_kind["industries"], *by_kind["divisions"])
    _each(trees, lambda file: tables.tree(file, say), say)
    editions = {one.id: one for one in by_kind["industries"]}
    _each(by_kind.get("industry_amendment", ()), lambda file: _amended(file, editions, counts, say), say)
    _each([listed], lambda file: tables.authorities(file, divisions, say), say)
    _each([listed], lambda file: tables.responsible(file, divisions, say), say)
    _each(by_kind["zones"], lambda file: tables.zones(file, divisions, listed, say), say)
    _each(
        by_kind.get("initials", ()), lambda file: tables.initials(file, _names((*trees, *by_kind["zones"])), say), say
    )
    for file in by_kind.get("size", ()):
        counts[file.path] = maps.size(file, industries, say)
    for file in by_kind.get("digital_forms", ()):
        counts[file.path] = maps.digital_forms(file, by_kind.get("digital", ()), industries, say)
    _each(by_kind.get("calendar", ()), lambda file: maps.calendar(file, say), say)
    _each(by_kind.get("calendar", ())[:1], lambda file: _years(file, by_kind["calendar"], say), say)
    known = {"national", *(one["code"] for one in listed.head.get("authorities", ()) if "code" in one)}
    for file in (file for kind in ("chains", "form", "prerequisites") for file in by_kind.get(kind, ())):
        if str(file.head.get("authority")) not in known:
            say(file.at("$.authority", f"no such authority: {file.head.get('authority')}"))


def _each(files: Sequence[File], look: Callable[[File], None], say: Say) -> None:
    """Each file looked at; what is not of the shape that the look needs is a fault, not the end of the check."""
    for file in files:
        try:
            look(file)
        except KeyError as lacking:
            say(file.at("$", f"the field {lacking} is missing"))
        except (TypeError, AttributeError, ValueError) as trouble:
            say(file.at("$", f"a field is not of its kind: {trouble}"))


def _amended(file: File, editions: dict[str, File], counts: dict[Path, str], say: Say) -> None:
    tables.amendment(file, editions, say)
    counts[file.path] = f"{sum(file.head['missing'].values())} not found"


def _years(first: File, files: Sequence[File], say: Say) -> None:
    for year in tables.gaps([file.head["year"] for file in files]):
        say(first.at("$.year", f"no calendar of {year}"))


def _names(files: Sequence[File]) -> dict[str, set[str]]:
    """The names in each file that people look for."""
    return {
        file.path.name: {row.cells["name"] for row in file.rows} | {one["name"] for one in file.head.get("zones", ())}
        for file in files
    }


def _expected(by_kind: dict[str, list[File]], say: Say) -> None:
    """Counts against what the sources say, written apart."""
    expected: dict[str, Any] = yaml.safe_load(EXPECTED.read_text(encoding="utf-8"))
    known = [file for files in by_kind.values() for file in files if file.id in expected]
    _each(known, lambda file: tables.counted(_found(file), expected[file.id]["counts"], file, "$", say), say)


def _found(file: File) -> Counter[str]:
    if "authorities" in file.head:
        return Counter(one["kind"] for one in file.head["authorities"])
    if "industries" in file.head:
        return Counter(industries=len(file.head["industries"]))
    return Counter(row.cells["level"] for row in file.rows)


def _twice(by_kind: dict[str, list[File]], say: Say) -> None:
    for files in by_kind.values():
        seen: dict[str, File] = {}
        for file in files:
            first = seen.setdefault(file.id, file)
            if first is not file:
                say(file.at("$.id", f"{file.id} is {first.path.name} already"))


def _line(file: File, count: str) -> Line:
    head = file.head
    source, edition = str(head["source"]), str(head["effective_from"])
    return Line(str(head["kind"]), file.id, edition, source, count or _count(file), _mark(head))


def _mark(head: dict[str, Any]) -> str:
    """Of the whole file, or how many of its items are marked."""
    if not head["certain"]:
        return UNCERTAIN
    items = [one for part in head.values() if isinstance(part, list) for one in part if isinstance(one, dict)]
    marked = sum(one.get("certain") is False for one in items)
    return f"{marked} {UNCERTAIN}" if marked else ""


def _count(file: File) -> str:
    if file.rows and "levels" in file.head:
        by_level = Counter(row.cells["level"] for row in file.rows)
        return " / ".join(str(by_level[level]) for level in file.head["levels"])
    for part in ("authorities", "zones", "lists"):
        if part in file.head:
            return str(len(file.head[part]))
    if "letters" in file.head:
        return f"{len({c for characters in file.head['letters'].values() for c in characters})} characters"
    if "working_days" in file.head:
        return f"{file.head['working_days']} working days"
    return str(len(file.rows))
