"""Reference tables in force: divisions, zones, authorities, industries (GB/T 4754). Rows are indexed once per text."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from libs.events.contracts.actors import covers
from libs.events.contracts.base import PolicyPin
from libs.events.decider import Policies, Policy, PolicyMissing
from services.applications.domain.lists import ListKind
from services.applications.domain.search import Entry, Letters, entries, letters_from

Index = Mapping[Any, Any]
_indexed: dict[tuple[str, str], Index] = {}
_entries: dict[tuple[str, ...], tuple[Entry, ...]] = {}
"""Both derived from the SHA-256 of texts alone, so they can never be stale."""


class Region(msgspec.Struct, frozen=True):
    """A county, or a zone that reviews: the names from the province down."""

    code: str
    names: tuple[str, ...]


class Authority(msgspec.Struct, frozen=True):
    """可申报省市: one of the certifying authorities, and whom to ask there."""

    code: str
    name: str
    contact: dict[str, str]


def newest(policies: Policies, kind: str) -> Policy:
    """The newest edition of a national table. Raises PolicyMissing."""
    editions = policies.of_kind(kind)
    if not editions:
        raise PolicyMissing(kind)
    return max(editions, key=lambda policy: policy.effective_from)


def region(policies: Policies, code: str) -> Region | None:
    """The county or zone of a code; None for a city, a province or an unknown code."""
    zone = _zones(policies).get(code)
    if zone is not None:
        return Region(code, (*_names_above(policies, zone["parent"]), zone["name"]))
    row = _divisions(policies).get(("county", code))
    return None if row is None else Region(code, (*_names_above(policies, row["parent"]), row["name"]))


def region_pins(policies: Policies) -> tuple[PolicyPin, ...]:
    return (newest(policies, "divisions").pin, newest(policies, "zones").pin)


def authority(policies: Policies, code: str) -> Authority | None:
    row = _authorities(policies).get(code)
    if row is None:
        return None
    hours = newest(policies, "authorities").content.get("hours", "")
    contact = {"name": row["office"], "phone": row["phone"] or "", "hours": hours, "note": row.get("contact") or ""}
    return Authority(code, row["name"], {name: text for name, text in contact.items() if text})


def lies_under(policies: Policies, code: str, authority_code: str) -> bool:
    """Whether a region belongs to an authority; 计划单列市 and 兵团 are not under the province around them."""
    if not covers(authority_code, code):
        return False
    apart = [a for a in _authorities(policies).values() if a.get("apart_from") == authority_code]
    return not any(covers(a["code"], code) for a in apart)


def industry_name(policies: Policies, code: str) -> str | None:
    """The name of a last-level class (小类); None for anything else."""
    row = _industries(policies).get(code)
    return row["name"] if row is not None and row["level"] == "class" else None


def names_of_industry(policies: Policies, code: str) -> tuple[str, ...]:
    """The names from the section (门类) down to the code's own; empty for an unknown code."""
    table, names = _industries(policies), []
    row = table.get(code)
    while row is not None:
        names.append(row["name"])
        row = table.get(row["parent"])
    return tuple(reversed(names))


def names_of_place(policies: Policies, level: str, code: str) -> tuple[str, ...]:
    """The names from the province down to a division's or zone's own."""
    found = region(policies, code) if level in ("county", "zone") else None
    return found.names if found else _names_above(policies, code)


def zone_rows(policies: Policies) -> list[dict[str, str]]:
    """The zones (功能区) as rows of the divisions' shape."""
    return [
        {"code": code, "parent": zone["parent"], "level": "zone", "name": zone["name"]}
        for code, zone in _zones(policies).items()
    ]


def searchable_industries(policies: Policies) -> tuple[Entry, ...]:
    def above(row: Mapping[str, Any]) -> tuple[str, ...]:
        return names_of_industry(policies, row["parent"])

    policy = newest(policies, "industries")
    return _searchable((policy,), lambda: entries(policy.rows, above, tuple(reversed(policy.content["levels"]))))


def searchable_places(policies: Policies) -> tuple[Entry, ...]:
    """Divisions and zones."""

    def above(row: Mapping[str, Any]) -> tuple[str, ...]:
        return _names_above(policies, row["parent"])

    places, zones = newest(policies, "divisions"), newest(policies, "zones")
    return _searchable((places, zones), lambda: entries((*places.rows, *zone_rows(policies)), above))


def letters(policies: Policies) -> Letters:
    """Pinyin initials; none where the table is not published."""
    if not policies.of_kind("initials"):
        return {}
    return _index(newest(policies, "initials"), lambda p: letters_from(p.content))


def list_kinds(policies: Policies) -> dict[str, ListKind]:
    """The lists that an operator may supply; none where that is not published."""
    if not policies.of_kind("list_kinds"):
        return {}
    return dict(
        _index(newest(policies, "list_kinds"), lambda p: msgspec.convert(p.content["lists"], dict[str, ListKind]))
    )


def supplied(policies: Policies, name: str) -> Policy | None:
    """The newest edition of a list; None where no operator supplied one."""
    editions = [policy for policy in policies.of_kind("list") if policy.content["list"] == name]
    return max(editions, key=lambda policy: policy.effective_from, default=None)


def searchable_list(policy: Policy) -> tuple[Entry, ...]:
    """Of a supplied list; names above a row as far as there are any."""
    by_code = {row["code"]: row for row in policy.rows}

    def above(row: Mapping[str, Any]) -> list[str]:
        names, over = [], by_code.get(row["parent"])
        while over is not None:
            names.append(over["name"])
            over = by_code.get(over["parent"])
        return names

    return _searchable((policy,), lambda: entries(policy.rows, above))


def _searchable(texts: tuple[Policy, ...], build: Callable[[], tuple[Entry, ...]]) -> tuple[Entry, ...]:
    """`texts`: all that the entries are built from."""
    key = tuple(policy.sha256 for policy in texts)
    found = _entries.get(key)
    if found is None:
        found = _entries[key] = build()
    return found


def _names_above(policies: Policies, code: str) -> tuple[str, ...]:
    divisions = _divisions(policies)
    city = divisions.get(("city", code))
    if city is not None:
        return (divisions["province", city["parent"]]["name"], city["name"])
    province = divisions.get(("province", code))
    return (province["name"],) if province is not None else ()


def _divisions(policies: Policies) -> Index:
    return _index(newest(policies, "divisions"), lambda p: {(r["level"], r["code"]): r for r in p.rows})


def _zones(policies: Policies) -> Index:
    return _index(newest(policies, "zones"), lambda p: {z["code"]: z for z in p.content["zones"] if z["code"]})


def _authorities(policies: Policies) -> Index:
    return _index(newest(policies, "authorities"), lambda p: {a["code"]: a for a in p.content["authorities"]})


def _industries(policies: Policies) -> Index:
    return _index(newest(policies, "industries"), lambda p: {r["code"]: r for r in p.rows})


def _index(policy: Policy, build: Callable[[Policy], Index]) -> Index:
    key = (policy.kind, policy.sha256)
    found = _indexed.get(key)
    if found is None:
        found = _indexed[key] = build(policy)
    return found
