"""One file checked before it joins the others: read, and where it amends a pack, applied to it."""

from pathlib import Path

from services.assessment.authoring.effective import made
from services.assessment.authoring.library import FOLDERS, Library, Text, binding_faults
from services.assessment.domain.rules import PolicyFault
from services.assessment.domain.rules.amendments import Bindings, Override, Supplement
from services.assessment.policy_text import parse


def check_alone(path: Path, shipped: Library) -> tuple[Library, list[PolicyFault]]:
    """The file as a library of its own, and its faults; amendments and bindings are held against the shipped packs."""
    file = str(path)
    try:
        content, lines = parse(path.read_text(encoding="utf-8"), file)
        load = next((load for kind, load in FOLDERS.values() if kind == content.get("kind")), None)
        if load is None:
            known = "、".join(kind for kind, _ in FOLDERS.values())
            raise PolicyFault(file, lines.get("$.kind", 1), "$.kind", f"kind 应为 {known} 之一")
        text = Text(file, content, lines, load(content, file, lines))
        return Library([text], []), applied(text, shipped)
    except PolicyFault as fault:
        return Library([], [fault]), [fault]


def applied(text: Text, shipped: Library) -> list[PolicyFault]:
    others = [one for one in shipped.texts if (one.head.kind, one.head.id) != (text.head.kind, text.head.id)]
    together = Library([*others, text], [])
    if isinstance(text.head, Bindings):
        return [fault for fault in binding_faults(together) if fault.file == text.file]
    if isinstance(text.head, Override | Supplement):
        for one in together.effective:
            if text.head.id in [amendment.id for amendment in one.amendments]:
                made(one)
    return []
