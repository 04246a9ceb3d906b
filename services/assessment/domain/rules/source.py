"""The head that every policy text carries."""

from datetime import date

import msgspec


class Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a policy text: frozen, and unknown fields are refused."""


class Head(Strict, frozen=True, kw_only=True):
    """Head of a policy text. `source`: document and clause; `certain: false` is shown to users as 待核实."""

    kind: str
    id: str
    title: str
    source: str
    authority: str
    effective_from: date
    effective_to: date | None
    certain: bool
    notes: tuple[str, ...] = ()
