"""Every route × person × place × state: asked through HTTP, and compared with the expectation."""

import re
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import yaml
from fastapi import FastAPI

from libs.events.clock import BusinessClock
from libs.events.contracts.base import SERVICES
from libs.events.flow.follower import Follower
from libs.events.web.authorization import REASONS
from tests.authz.asgi import Answer, ask
from tests.authz.expectation import Row, expected, row_for
from tests.authz.people import ENTERPRISES, SEATS, Person, everybody
from tests.authz.runtime import QuietRuntime, Wall, app_of
from tests.authz.things import BUILDERS, Params, Things
from tests.histories import at

REQUESTS: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "requests.yaml").read_text(encoding="utf-8")
)
NOW = at(500)
SIGN_OUT = ("identity", "DELETE /session")
"""The one request that changes something for whoever asks: what it ended is begun again after it."""
DOORS = {
    "platform.not-signed-in": "401",
    "platform.not-permitted": "403",
    "platform.step-up-required": "step-up",
    "platform.not-found": "404",
}
BAD = ("platform.invalid-request", "platform.unexpected", "platform.unreadable", "platform.method-not-allowed")


class Cell(NamedTuple):
    """One question; `place` and `state` are of what the path names, empty when it names nothing."""

    service: str
    route: str
    person: Person
    place: str
    state: str

    def __str__(self) -> str:
        where = f" at {self.place}" if self.place else ""
        return f"{self.service} {self.route} by {self.person.name}{where}{f', {self.state}' if self.state else ''}"


class World:
    """Five services in memory, with everybody and everything in them."""

    def __init__(self) -> None:
        self.apps: dict[str, FastAPI] = {}
        self.runtimes: dict[str, QuietRuntime] = {}
        self.things: dict[str, Things] = {}
        self.people: list[Person] = []
        self.routes: list[tuple[str, str]] = []

    async def build(self) -> "World":
        wall = Wall(NOW)
        self._clock = patch("libs.events.web.principals.wall_seconds", lambda: wall() / 1000)
        self._clock.start()
        follower = Follower("", "identity.events", BusinessClock(wall))
        follower._level_at = float("inf")
        for name in ("identity", *(one for one in SERVICES if one != "identity")):
            runtime = QuietRuntime(import_module(f"services.{name}.app").service, follower, wall)
            await runtime.begin()
            self.runtimes[name], self.apps[name] = runtime, app_of(runtime)
            if name == "identity":
                self.people = await everybody(runtime)
            self.things[name] = {}
            for build in BUILDERS[name]:
                self.things[name] |= await build(runtime)
            self.routes += routes_of(self.apps[name], name)
        return self

    async def close(self) -> None:
        self._clock.stop()
        for runtime in self.runtimes.values():
            await runtime.handler.close()

    def cells(self) -> Iterator[Cell]:
        """All of them."""
        for service, route in self.routes:
            for place, state in self.situations(service, route):
                for person in self.people:
                    yield Cell(service, route, person, place, state)

    def situations(self, service: str, route: str) -> list[tuple[str, str]]:
        thing = REQUESTS.get(service, {}).get(route, {}).get("thing")
        return [(place, state) for kind, place, state in self.things[service] if kind == thing] if thing else [("", "")]

    async def answer(self, cell: Cell) -> Answer:
        sample = REQUESTS[cell.service][cell.route]
        method, _, path = cell.route.partition(" ")
        headers = {**sample.get("headers", {})}
        if cell.person.token:
            headers["authorization"] = f"Bearer {cell.person.token}"
        body = sample.get("body")
        if body is not None and cell.place in sample.get("places", {}):
            body = body | sample["places"][cell.place]
        asked = ask(
            self.apps[cell.service], method, f"/api/{cell.service}" + path.format(**self.params(cell)),
            headers=headers, query=sample.get("query"), body=body, file=sample.get("file"), address=self._address(cell),
        )  # fmt: skip
        if (cell.service, cell.route) != SIGN_OUT:
            return await asked
        runtime = self.runtimes["identity"]
        sessions, ended = runtime.state_store.documents("sessions"), set(runtime.follower.ended)
        kept = await sessions.find({}, limit=10_000)
        answer = await asked
        runtime.follower.ended = ended
        for session in kept:
            await sessions.replace(session, upsert=True)
        return answer

    def _address(self, cell: Cell) -> str:
        """Everybody asks from their own: what is limited by address is not what is tried here."""
        return f"10.0.1.{1 + [one.name for one in self.people].index(cell.person.name)}"

    async def ask_all(self, person: Person, path: str, query: dict[str, str]) -> Any:
        """A person's whole list."""
        service, headers = path.split("/")[2], {"authorization": f"Bearer {person.token}"}
        return (await ask(self.apps[service], "GET", path, headers=headers, query=query)).content

    def params(self, cell: Cell) -> Params:
        sample = REQUESTS[cell.service][cell.route]
        found = self.things[cell.service].get((sample.get("thing"), cell.place, cell.state), {})
        return {**found, **sample.get("path", {})}

    def as_asked(self, cell: Cell) -> Person:
        """Who owns one enterprise is a stranger to another."""
        named = self.params(cell).get("enterprise", ENTERPRISES["owner"])
        mine = named == ENTERPRISES["owner"]
        return cell.person if mine or cell.person.group != "owner" else cell.person._replace(group="stranger")


def routes_of(app: FastAPI, service: str) -> list[tuple[str, str]]:
    """What the service's OpenAPI document lists."""
    prefix = f"/api/{service}"
    return [
        (service, f"{method.upper()} {path.removeprefix(prefix)}")
        for path, operations in app.openapi()["paths"].items()
        for method in operations
    ]


def class_of(answer: Answer) -> str:
    """`in`, 401, 403, 404, step-up; or what went wrong with asking."""
    content = answer.content
    code = content.get("code", "") if isinstance(content, dict) and answer.status >= 400 else ""
    if answer.status >= 500 or code in BAD or (answer.status >= 400 and not code):
        return f"{answer.status} {code}"
    return DOORS.get(code, "in")


class Report:
    """What was walked, what was expected, and every difference."""

    def __init__(self) -> None:
        self.walked, self.classes = 0, Counter[str]()
        self.differences: list[str] = []
        self.missing: set[str] = set()

    @property
    def negative(self) -> int:
        return sum(n for name, n in self.classes.items() if name != "in")

    @property
    def last_line(self) -> str:
        shares = ", ".join(f"{name} {n}" for name, n in sorted(self.classes.items()))
        return f"authz: {self.walked} cells walked, {len(self.differences)} differences ({shares}; {self.negative} negative)"


async def walk(world: World, rows: list[Row], cells: Iterator[Cell]) -> Report:
    """Ask every cell. A route without a row, or without a request, is a difference."""
    report = Report()
    for cell in cells:
        row = row_for(rows, cell.service, cell.route, cell.place, cell.state)
        if row is None or cell.route not in REQUESTS.get(cell.service, {}):
            report.missing.add(f"{cell.service} {cell.route} {cell.place} {cell.state}: no row, or no request")
            continue
        wanted, answer = expected(row, world.as_asked(cell), cell.place), await world.answer(cell)
        found = class_of(answer)
        report.walked += 1
        report.classes[wanted] += 1
        if found != wanted:
            report.differences.append(f"{cell}: expected {wanted}, found {found} ({row.rule})")
        elif fault := fault_of(found, answer):
            report.differences.append(f"{cell}: {fault}")
    report.differences += sorted(report.missing)
    return report


NOTHING = b'{"type":"urn:tidu:problem:platform.not-found","code":"platform.not-found","title":"\xe6\x9c\xaa\xe6\x89\xbe\xe5\x88\xb0","status":404,"detail":""}'


def fault_of(found: str, answer: Answer) -> str:
    """A refusal at the door names a known reason; what is hidden looks exactly like nothing."""
    if found == "403" and answer.content.get("reason") not in REASONS:
        return f"no reason code in {answer.content}"
    if found == "404" and answer.body != NOTHING:
        return f"a 404 that tells something: {answer.body.decode()}"
    return ""


def pairwise(cells: Iterator[Cell]) -> Iterator[Cell]:
    """All routes × roles, and for each route every pair of seat, place and state once where it can be had."""
    seen: set[tuple[str, ...]] = set()
    for cell in cells:
        pairs = {
            (cell.route, cell.service, "role", cell.person.group),
            (cell.route, cell.service, "seat-place", _seat(cell), cell.place),
            (cell.route, cell.service, "role-state", _office(cell), cell.state),
            (cell.route, cell.service, "place-state", cell.place, cell.state),
        }
        if not pairs <= seen:
            seen |= pairs
            yield cell


def _seat(cell: Cell) -> str:
    """Seats with the same relation to the place are as one."""
    return str(SEATS["places"].get(cell.place, {}).get(cell.person.seat, "foreign")) if cell.person.seat else ""


def _office(cell: Cell) -> str:
    return f"{cell.person.group}@{cell.person.level}"


def unused(rows: list[Row], world: World) -> list[str]:
    """Rows and requests about routes that no document lists."""
    known = {f"{service} {route}" for service, route in world.routes}
    named = {f"{row.service} {re.sub(' +', ' ', route)}" for row in rows for route in row.routes}
    asked = {f"{service} {route}" for service, routes in REQUESTS.items() for route in routes}
    return sorted((named | asked) - known)
