"""适用标准: which rule pack a window is bound to. One rule for the service that opens windows and the one that scores."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Protocol

import msgspec

from libs.events.contracts.base import PolicyPin

NATIONAL = "national"


class PackBinding(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the rules bind: the pack's id, on which basis (document and clause), and the table that says so."""

    pack: str
    basis: str
    table: PolicyPin
    certain: bool = True


class Table(Protocol):
    """A policy text of the kind `bindings`; rows have `tier kind opens_from opens_to pack basis certain`."""

    @property
    def authority(self) -> str: ...
    @property
    def content(self) -> Mapping[str, Any]: ...
    @property
    def pin(self) -> PolicyPin: ...


def bound_pack(tables: Iterable[Table], authority: str, tier: str | None, kind: str, opens: date) -> PackBinding | None:
    """What a window that opens on that day in China runs on; the authority's own table goes before the national one."""
    known = list(tables)
    for issuer in (authority, NATIONAL):
        for table in known:
            if table.authority != issuer:
                continue
            for row in table.content["bindings"]:
                if (row["tier"], row["kind"]) == (tier, kind) and _is_open(row, opens):
                    return PackBinding(row["pack"], row["basis"], table.pin, row.get("certain", True))
    return None


def deviates(pack: PolicyPin | None, bound: PackBinding | None) -> bool:
    """Whether a pack is another than the bound one; where none is bound, none is deviated from."""
    return pack is not None and bound is not None and pack.id != bound.pack


def _is_open(row: Mapping[str, Any], day: date) -> bool:
    """Both days belong to it; without a last one it goes on."""
    last = row.get("opens_to")
    return bool(row["opens_from"] <= day and (last is None or day <= last))
