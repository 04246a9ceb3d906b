"""A form as data: sections, fields and evidence slots; read once per text."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from libs.events.contracts.applications import Value
from libs.events.contracts.base import PolicyPin
from libs.events.decider import Policies, Policy
from services.applications.domain.streams import NONE

Answers = Mapping[str, Value]
FieldType = Literal["text", "integer", "decimal2", "percent", "boolean", "choice", "multi_choice", "date"]


class Condition(msgspec.Struct, frozen=True):
    """Required only when another field has this value (or, of several choices, contains it)."""

    field: str
    equals: Value

    def holds(self, answers: Answers) -> bool:
        value = answers.get(self.field)
        return self.equals in value if isinstance(value, list) else value == self.equals


class Field(msgspec.Struct, frozen=True):
    """`origin` says who fills it: the enterprise (`form`), its `profile`, or its `digital` assessment."""

    name: str
    label: str
    type: FieldType
    required: bool = False
    required_when: Condition | None = None
    options: dict[str, str] = {}
    exclusive: tuple[str, ...] = ()
    min: int | float | None = None
    max: int | float | None = None
    unit: str = ""
    origin: str = "form"
    profile: str = ""
    personal: bool = False
    must_equal: Value = None
    help: str = ""
    source: str = ""

    def is_required(self, answers: Answers) -> bool:
        return self.required or (self.required_when is not None and self.required_when.holds(answers))


class Slot(msgspec.Struct, frozen=True):
    """佐证材料 of one kind; several files may be put into it."""

    name: str
    label: str
    types: tuple[str, ...]
    max_mb: int
    required: bool = False
    required_when: Condition | None = None
    help: str = ""

    def is_required(self, answers: Answers) -> bool:
        return self.required or (self.required_when is not None and self.required_when.holds(answers))


class Section(msgspec.Struct, frozen=True):
    id: str
    label: str
    fields: tuple[Field, ...]
    help: str = ""


class Purpose(msgspec.Struct, frozen=True):
    """What a form is for; `without_window`: a filing of this kind needs no window."""

    kinds: tuple[str, ...]
    tier: str | None = None
    without_window: bool = False


class Form(msgspec.Struct, frozen=True):
    id: str
    title: str
    filing: Purpose
    sections: tuple[Section, ...]
    evidence: tuple[Slot, ...] = ()
    packs: tuple[str, ...] = ()
    authority: str = "national"

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(field for section in self.sections for field in section.fields)

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)

    def slot(self, name: str) -> Slot | None:
        return next((slot for slot in self.evidence if slot.name == name), None)

    def label_of(self, name: str) -> str:
        named = self.field(name) or self.slot(name)
        return named.label if named is not None else name


_read: dict[str, Form] = {}
"""Derived from a text's SHA-256 alone, so it can never be stale."""


def form_policy(policies: Policies, id: str) -> Policy:
    """Raises PolicyMissing."""
    return policies.get("form", id)


def form_from(policy: Policy) -> Form:
    found = _read.get(policy.sha256)
    if found is None:
        content: Mapping[str, Any] = policy.content
        found = _read[policy.sha256] = msgspec.convert(dict(content), Form, strict=False)
    return found


def form_of(policies: Policies, id: str) -> Form | None:
    policy = next((p for p in policies.of_kind("form") if p.id == id), None)
    return None if policy is None else form_from(policy)


def form_fits(form: Form, kind: str, tier: str | None) -> bool:
    purpose = form.filing
    return kind in purpose.kinds and (purpose.tier or NONE) == (tier or NONE)


def windowless_form(policies: Policies, authority: str, kind: str, tier: str | None) -> PolicyPin | None:
    """The authority's form that a filing of this kind may use without a window; None: it needs a window."""
    for policy in policies.of_kind("form"):
        form = form_from(policy)
        if policy.authority in (authority, "national") and form.filing.without_window and form_fits(form, kind, tier):
            return policy.pin
    return None
