"""Who asks for what: mostly somebody who may, of something that is there; now and then anybody, of anything."""

import re
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import yaml

from tests.authz.expectation import Row, expected, row_for
from tests.authz.people import Person
from tests.authz.walker import REQUESTS, Cell, World

OWN: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "samples.yaml").read_text(encoding="utf-8"))
ANONYMOUS = Person("anonymous", "anonymous")


class Operation(NamedTuple):
    """An operation of a document: who may do it where, who else there is, and a request of it that is well formed."""

    service: str
    route: str
    allowed: list[Cell]
    others: list[Cell]
    sample: dict[str, Any]
    first: "Sequence[Operation]" = ()

    @property
    def label(self) -> str:
        method, _, path = self.route.partition(" ")
        return f"{method} /api/{self.service}{path}"

    @property
    def likely(self) -> list[Cell]:
        """Of those who may those whom a sample names, at things in the states that it names."""
        who, states = self.sample.get("who"), self.sample.get("states")
        named = [
            one for one in self.allowed if (not who or one.person.name in who) and (not states or one.state in states)
        ]
        return named or self.allowed

    def cell(self, luck: Random, may: float = 0.6, likely: bool = False) -> Cell:
        """So often somebody who may; of the rest half the times nobody, else anybody else."""
        chance = luck.random()
        if chance < may and self.allowed:
            return luck.choice(self.likely if likely else self.allowed)
        place = luck.choice(self.others)
        return place if chance < (1 + may) / 2 else place._replace(person=ANONYMOUS)


def filled(value: Any, params: dict[str, str]) -> Any:
    """A sample with `{name}` in its texts replaced by what the path names."""
    match value:
        case str():
            return re.sub(r"\{(\w+)\}", lambda found: params.get(found[1], found[0]), value)
        case dict():
            return {key: filled(one, params) for key, one in value.items()}
        case list():
            return [filled(one, params) for one in value]
        case _:
            return value


def operations(world: World, rows: list[Row]) -> list[Operation]:
    """In the order of the documents. Raises KeyError for a route that the authorization walker has no request of."""
    found = {
        (service, route): Operation(
            service, route, [], [], REQUESTS[service][route] | OWN.get(service, {}).get(route, {})
        )
        for service, route in world.routes
    }
    for cell in world.cells():
        row, operation = (
            row_for(rows, cell.service, cell.route, cell.place, cell.state),
            found[cell.service, cell.route],
        )
        may = row is not None and expected(row, world.as_asked(cell), cell.place) == "in"
        (operation.allowed if may else operation.others).append(cell)
    for operation in found.values():
        operation.others.extend(operation.allowed[:1] if not operation.others else [])
    return [
        one._replace(first=[found[one.service, name] for name in one.sample.get("first", ())]) for one in found.values()
    ]
