"""The head that every policy text carries."""

from datetime import date

import msgspec


class Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a policy text: frozen, and unknown fields are refused."""


class Source(Strict, frozen=True, kw_only=True):
    """Where a rule comes from: document and clause."""

    document: str
    clause: str | None = None


class Head(Strict, frozen=True, kw_only=True):
    """Head of a policy text; `certain: false` is shown to users as 待核实."""

    kind: str
    id: str
    title: str
    source: Source
    authority: str
    effective_from: date
    effective_to: date | None
    certain: bool
    notes: tuple[str, ...] = ()
