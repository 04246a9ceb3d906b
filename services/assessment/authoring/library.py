"""A policy folder read as a whole: every rule with its place in its file, and every fault, not only the first."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from services.assessment.authoring.effective import Effective, made, planned
from services.assessment.domain.rules import PolicyFault, Questionnaire
from services.assessment.domain.rules.amend import Amendment
from services.assessment.domain.rules.amendments import Bindings, Override, Supplement
from services.assessment.domain.rules.faults import Lines, line_of
from services.assessment.domain.rules.form_map import DigitalFormMap
from services.assessment.domain.rules.load import (
    load_bindings,
    load_form_map,
    load_override,
    load_pack,
    load_questionnaire,
    load_supplement,
)
from services.assessment.domain.rules.pack import Pack
from services.assessment.domain.rules.source import Head
from services.assessment.domain.size import SizeStandard, load_size
from services.assessment.policy_text import parse

Loader = Callable[[dict[str, Any], str, Lines], Head]

FOLDERS: dict[str, tuple[str, Loader]] = {
    "packs": ("pack", load_pack),
    "overrides": ("override", load_override),
    "supplements": ("supplement", load_supplement),
    "bindings": ("bindings", load_bindings),
    "digital": ("digital", load_questionnaire),
    "digital_forms": ("digital_forms", load_form_map),
    "size": ("size", load_size),
}
"""Folder → the kind that its files say, and how they are read."""

WRITE = "请运行 tidu rules write"
Rules = Pack | Override | Supplement | Bindings | Questionnaire | DigitalFormMap | SizeStandard


class Text(msgspec.Struct, frozen=True):
    """One file: its name within the folder, its parsed content, the line of each part, and what it was read into."""

    file: str
    content: dict[str, Any]
    lines: dict[str, int]
    head: Head

    def fault(self, path: str, message: str) -> PolicyFault:
        return PolicyFault(self.file, line_of(path, self.lines), path, message)

    @property
    def amendment(self) -> Amendment:
        return Amendment(self.content, self.file, self.lines)


class Library(msgspec.Struct):
    """What a folder holds; `faults` in the order of the files."""

    texts: list[Text]
    faults: list[PolicyFault]

    def of(self, kind: type[Head]) -> list[Text]:
        return [text for text in self.texts if isinstance(text.head, kind)]

    @property
    def packs(self) -> dict[str, Pack]:
        return {text.head.id: text.head for text in self.texts if isinstance(text.head, Pack)}

    @property
    def effective(self) -> list[Effective]:
        """The effective packs that the overrides and supplements ask for. Raises PolicyFault."""
        bases = {text.head.id: text.content for text in self.of(Pack) if not text.content.get("base")}
        return planned(bases, [text.amendment for text in [*self.of(Override), *self.of(Supplement)]])


def read_library(folder: Path) -> Library:
    """All files, and where each can be read, how they fit together."""
    library = read_texts(folder)
    if not library.faults:
        found = [*twice(library), *effective_faults(library), *binding_faults(library)]
        library.faults += {str(fault): fault for fault in found}.values()
    return library


def read_texts(folder: Path) -> Library:
    """Each file on its own."""
    library = Library([], [])
    for name in FOLDERS:
        for path in sorted((folder / name).glob("*.yaml")):
            try:
                library.texts.append(read_text(path))
            except PolicyFault as fault:
                library.faults.append(fault)
    return library


def read_text(path: Path) -> Text:
    """One file, read as what its folder holds. Raises PolicyFault."""
    file = f"{path.parent.name}/{path.name}"
    content, lines = parse(path.read_text(encoding="utf-8"), file)
    kind, load = FOLDERS[path.parent.name]
    if content.get("kind") != kind:
        raise PolicyFault(file, lines.get("$.kind", 1), "$.kind", f"此处的文件应为 kind: {kind}")
    return Text(file, content, lines, load(content, file, lines))


def checked(folder: Path) -> Path:
    """The folder, once every rule in it has been read: a wrong one stops the start, before it is published.

    Raises PolicyFault naming file and line.
    """
    for fault in read_library(folder).faults:
        raise fault
    return folder


def twice(library: Library) -> Iterator[PolicyFault]:
    seen: dict[tuple[str, str], str] = {}
    for text in library.texts:
        key = (text.head.kind, text.head.id)
        if key in seen:
            yield text.fault("$.id", f"{text.head.id} 已在 {seen[key]} 中使用")
        seen.setdefault(key, text.file)


def effective_faults(library: Library) -> Iterator[PolicyFault]:
    """An effective pack stands in a file of its own, so that one pin names all of its text; it must be current."""
    shipped = {text.head.id: text for text in library.of(Pack)}
    try:
        wanted = {one.id: one for one in library.effective}
    except PolicyFault as fault:
        yield fault
        return
    for one in wanted.values():
        text = shipped.get(one.id)
        try:
            content = made(one)
        except PolicyFault as fault:
            yield fault
            continue
        if text is None:
            yield PolicyFault(one.amendments[-1].file, 1, "$", f"缺少 {one.id} 的全文，{WRITE}")
        elif text.content != content:
            yield text.fault("$.id", f"{one.id} 与其标准和调整不一致，{WRITE}")
    for text in shipped.values():
        if text.content.get("base") and text.head.id not in wanted:
            yield text.fault("$.base", f"没有哪项调整得出 {text.head.id}")


def binding_faults(library: Library) -> Iterator[PolicyFault]:
    packs = library.packs
    try:
        years = {one.id: one.years for one in library.effective}
    except PolicyFault:
        return
    for text in library.of(Bindings):
        assert isinstance(text.head, Bindings)
        for index, row in enumerate(text.head.bindings):
            path, pack = f"$.bindings[{index}].pack", packs.get(row.pack)
            if pack is None:
                yield text.fault(path, f"没有名为 {row.pack} 的标准")
                continue
            if row.tier != pack.tier or row.kind not in pack.kinds:
                yield text.fault(path, f"{row.pack} 不用于 {row.tier} 的 {row.kind}")
            if pack.authority not in ("national", text.head.authority):
                yield text.fault(path, f"{row.pack} 属于 {pack.authority}")
            if row.opens_from < pack.effective_from:
                yield text.fault(path, f"{row.pack} 自 {pack.effective_from} 起施行")
            if pack.new_cases_until is not None and (row.opens_to is None or row.opens_to > pack.new_cases_until):
                yield text.fault(path, f"{row.pack} 只能绑定到 {pack.new_cases_until} 为止的新窗口")
            first, last = years.get(row.pack, (None, None))
            late = last is not None and (row.opens_to is None or row.opens_to.year > last)
            if late or (first is not None and row.opens_from.year < first):
                yield text.fault(path, f"{row.pack} 只适用于 {first} 至 {last or '今'} 年的窗口")
