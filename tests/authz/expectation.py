"""The expectation by hand: for a route, a place, a state and a person the class of the answer."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.authz.people import SEATS, Person

WITHIN = ("own", "above", "nation")
RowKey = tuple[str, str]
CLASSES = ("in", "401", "403", "404")
_NAMES = ("rule", "routes", "states", "places")


class Row(NamedTuple):
    """One rule: the routes it is about, the states and places it holds for (empty: all), who gets which answer."""

    service: str
    rule: str
    routes: tuple[str, ...]
    states: tuple[str, ...]
    places: tuple[str, ...]
    answers: dict[str, Any]

    def is_about(self, route: str, place: str, state: str) -> bool:
        return (
            route in self.routes
            and (not self.states or state in self.states)
            and (not self.places or place in self.places)
        )


def load_rows(path: Path = Path(__file__).parent / "expected.yaml") -> list[Row]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [
        Row(
            service, one["rule"], tuple(one["routes"]), tuple(one.get("states", ())), tuple(one.get("places", ())),
            {name: value for name, value in one.items() if name not in _NAMES},
        )
        for service, rows in content.items()
        for one in rows
    ]  # fmt: skip


def row_for(rows: list[Row], service: str, route: str, place: str, state: str) -> Row | None:
    """The one row; None when there is none. Raises ValueError when two speak of the same."""
    found = [row for row in rows if row.service == service and row.is_about(route, place, state)]
    if len(found) > 1:
        raise ValueError(f"{service} {route} {place} {state}: two rows, {found[0].rule} and {found[1].rule}")
    return found[0] if found else None


def expected(row: Row, person: Person, place: str) -> str:
    """The class of answer. Raises ValueError when the row says nothing of this person."""
    if "every" in row.answers:
        return str(row.answers["every"])
    said = next((row.answers[name] for name in _names(person) if name in row.answers), None)
    if isinstance(said, dict):
        relation = SEATS["places"].get(place, {}).get(person.seat, "foreign")
        within = ["within"] if relation in WITHIN else []
        said = next((said[name] for name in (relation, *within, "else") if name in said), None)
    if str(said) not in CLASSES:
        raise ValueError(f"{row.service}: “{row.rule}” says nothing of {person.name} at {place or 'no place'}")
    return str(said)


def _names(person: Person) -> list[str]:
    """What the person may be called in a row, nearest first."""
    if person.group in ("anonymous",):
        return ["anonymous"]
    if person.group in ("owner", "stranger", "unverified", "natural"):
        return [person.group, "accounts"]
    return [f"{person.group}@{person.level}", person.group, "officials"]
