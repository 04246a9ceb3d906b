"""Cases of one operation: generated from its document, positive and negative, at its bounds, and samples, some of them spoilt."""

import json
from collections.abc import Iterator
from itertools import cycle, islice
from random import Random
from typing import Any, NamedTuple
from zlib import crc32

import hypothesis
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core import NOT_SET
from schemathesis.core.parameters import ParameterLocation
from schemathesis.schemas import APIOperation

from tests.authz.people import Person
from tests.authz.walker import Cell, World
from tests.fuzz.asking import Operation, filled
from tests.fuzz.strange import HEADERS, spoilt
from tests.fuzz.wire import Asked, prepared

THINGS = 0.8
"""So many of the generated paths name something that is there."""

KEY = "Idempotency-Key"
MAY = 0.85
"""So many of the samples are sent by somebody who may,"""
SPOILT = 0.5
"""and so many of them with something wrong."""


class Question(NamedTuple):
    case: Case[Any]
    asked: Asked
    person: Person
    spoilt: bool


def drawn(operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, n: int, seed: int) -> list[Case[Any]]:
    """`n` cases at most: an operation without parameters has one positive and no negative."""
    found: list[Case[Any]] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=n, database=None, deadline=None, phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(operation.as_strategy(generation_mode=mode))
    def take(case: Case[Any]) -> None:
        found.append(case)

    try:
        take()
    except Unsatisfiable:
        return []
    return found[:n]


def at_bounds(operation: APIOperation[Any, Any, Any, Any], n: int) -> list[Case[Any]]:
    """Smallest, largest, missing, of another type: what needs no luck."""
    config = operation.schema.config.generation_for(operation=operation)
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    made = operation.schema.iter_coverage_cases(operation, generation_modes=modes, generation_config=config)
    return list(islice((case for case in made if case.method.lower() == operation.method), n))


def questions(
    world: World, one: Operation, operation: APIOperation[Any, Any, Any, Any], n: int, seed: int
) -> Iterator[Question]:
    """`n` of them, the same for the same seed."""
    luck = Random(crc32(f"{seed} {one.label}".encode()))
    negative = drawn(operation, GenerationMode.NEGATIVE, n // 4, luck.getrandbits(32))
    bounds = at_bounds(operation, n // 6)
    samples = n // 3
    wanted = n - len(negative) - len(bounds) - samples
    positive = drawn(operation, GenerationMode.POSITIVE, wanted, luck.getrandbits(32))
    generated = [*islice(cycle(positive), wanted), *negative, *bounds] if positive else [*negative, *bounds]
    for case in generated:
        yield _generated(world, one, case, luck)
    for _ in range(n - len(generated)):
        yield _sample(world, one, operation, luck)


def _generated(world: World, one: Operation, case: Case[Any], luck: Random) -> Question:
    cell = one.cell(luck)
    known = world.params(cell)
    meta = case.meta
    as_generated = meta is not None and meta.is_negative_at(ParameterLocation.PATH)
    if case.path_parameters and not as_generated and luck.random() < THINGS:
        given = {name: known.get(name, value) for name, value in case.path_parameters.items()}
        case.path_parameters = given
    headers = _headers(cell, luck)
    if meta is not None and meta.is_negative_at(ParameterLocation.HEADER):
        del headers[KEY]  # the case's own, or none
    return Question(case, prepared(case, headers, _address(luck)), cell.person, False)


def _sample(world: World, one: Operation, operation: APIOperation[Any, Any, Any, Any], luck: Random) -> Question:
    cell, sample = one.cell(luck, MAY, likely=True), one.sample
    body = sample.get("body")
    if body is not None and cell.place in sample.get("places", {}):
        body = body | sample["places"][cell.place]
    body = filled(body, world.params(cell))
    path = {name: value for name, value in world.params(cell).items() if f"{{{name}}}" in operation.path}
    headers = _headers(cell, luck) | sample.get("headers", {})
    case = operation.Case(path_parameters=path, query=dict(sample.get("query", {})))
    spoil = luck.random() < SPOILT
    if spoil and luck.random() < 0.3:
        name, value = luck.choice(HEADERS)
        headers[name] = value
    if "file" in sample:
        case.media_type, case.body = "multipart/form-data", {**sample["file"], "file": b"%PDF-1.4\n%%EOF"}
        return Question(case, prepared(case, headers, _address(luck)), cell.person, True)
    raw = None
    if body is not None:
        case.media_type, case.body = "application/json", body
        raw = spoilt(body, luck) if spoil else json.dumps(body).encode()
    asked = prepared(case, headers, _address(luck), raw)
    if body is None:
        case.body = NOT_SET
    return Question(case, asked, cell.person, True)


def _headers(cell: Cell, luck: Random) -> dict[str, str]:
    """The person's token, and a key that is nobody else's: behind it a command is carried out."""
    signed_in = {"Authorization": f"Bearer {cell.person.token}"} if cell.person.token else {}
    return signed_in | {KEY: f"fuzz-{luck.getrandbits(60):x}"}


def _address(luck: Random) -> str:
    """Everybody from somewhere else, so that what limits an address says nothing of the next case."""
    return f"10.{luck.randrange(256)}.{luck.randrange(256)}.{luck.randrange(1, 255)}"
