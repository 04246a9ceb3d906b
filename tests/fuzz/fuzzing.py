"""One operation after another, each in a child of this process: whatever it does to the world, the next one never sees."""

import asyncio
import gc
import multiprocessing
import re
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

import schemathesis
from schemathesis.schemas import APIOperation

from services.identity import passwords
from tests.authz.asgi import ask
from tests.authz.walker import World
from tests.fuzz.asking import Operation, filled
from tests.fuzz.cases import questions
from tests.fuzz.checks import SERVER, faults_of
from tests.fuzz.wire import answer

PATIENCE = 300
"""Seconds for all cases of one operation."""
CONFIG = {
    "generation": {"with-security-parameters": False},
    "checks": {"negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 409, 410, 412, 413, 422, 429]}},
}
Generated = Mapping[str, APIOperation[Any, Any, Any, Any]]


class Fault(NamedTuple):
    """`server`: an answer of 500 or more; else the document was not kept to."""

    server: bool
    who: str
    words: str
    curl: str
    answer: str


class Outcome(NamedTuple):
    label: str
    statuses: Counter[int]
    signed_out: int
    """So many were asked by nobody."""
    faults: list[Fault]
    answers: list[tuple[int, str, bytes]]
    """Status, media type and body of what succeeded."""
    refusals: Counter[str]
    """How often which code was the answer to somebody who may."""


def generated(document: dict[str, Any]) -> Generated:
    """What schemathesis makes of a document's operations, by label. Raises for a document that it cannot read."""
    config = schemathesis.Config.from_dict(CONFIG)
    schema = schemathesis.openapi.from_dict(document, config=config)
    found = [result.ok() for result in schema.get_all_operations()]
    return {operation.label: operation for operation in found}


async def fuzz(world: World, one: Operation, operation: APIOperation[Any, Any, Any, Any], n: int, seed: int) -> Outcome:
    """Ask `n` questions of one operation, one after another."""
    await before(world, one)
    outcome = Outcome(one.label, Counter(), 0, [], [], Counter())
    for question in questions(world, one, operation, n, seed):
        response = await answer(world.apps[one.service], question.asked)
        outcome.statuses[response.status_code] += 1
        outcome = outcome._replace(signed_out=outcome.signed_out + (not question.person.token))
        server = response.status_code >= SERVER
        shown = f"{response.status_code} {response.content[:400].decode(errors='replace')}\n{response.message}".rstrip()
        if 200 <= response.status_code < 300:
            media = (response.headers.get("content-type") or [""])[0]
            outcome.answers.append((response.status_code, media, response.content))
        elif question.spoilt and question.person.token:
            found = re.search(rb'"code":"([^"]+)', response.content)
            outcome.refusals[found[1].decode() if found else "none"] += 1
        for words in faults_of(question.case, response, question.spoilt):
            outcome.faults.append(
                Fault(server, question.person.name, words, question.asked.curl(question.person), shown)
            )
    return outcome


async def before(world: World, one: Operation) -> None:
    """What has to be done first, at every place and in every state where somebody may."""
    for other in one.first:
        seen = set[tuple[str, str]]()
        for cell in other.likely:
            if (cell.place, cell.state) not in seen:
                seen.add((cell.place, cell.state))
                params = world.params(cell)
                method, _, path = other.label.format(**params).partition(" ")
                headers = {"authorization": f"Bearer {cell.person.token}", "idempotency-key": f"first-{len(seen)}"}
                body = filled(other.sample.get("body"), params)
                await ask(world.apps[one.service], method, path, headers=headers, body=body)


def each(world: World, wanted: list[tuple[Operation, Any]], n: int, seed: int, at_once: int) -> Iterator[Outcome]:
    """The outcome of every operation, as they come; one that does not come in time, or not at all, is a fault."""
    gc.collect()
    gc.freeze()
    waiting, running = list(reversed(wanted)), dict[Connection, tuple[BaseProcess, Operation, float]]()
    context = multiprocessing.get_context("fork")
    while waiting or running:
        while waiting and len(running) < at_once:
            one, operation = waiting.pop()
            ours, theirs = context.Pipe(duplex=False)
            child = context.Process(target=_child, args=(theirs, world, one, operation, n, seed))
            child.start()
            theirs.close()
            running[ours] = child, one, time.monotonic() + PATIENCE
        soonest = min(until for _, _, until in running.values())
        for ours in wait(list(running), max(0.0, soonest - time.monotonic())) or _late(running):
            child, one, _ = running.pop(ours)  # type: ignore[index]
            yield _outcome(ours, one)  # type: ignore[arg-type]
            child.kill()
            child.join()


def _late(running: dict[Connection, tuple[BaseProcess, Operation, float]]) -> list[Connection]:
    return [ours for ours, (_, _, until) in running.items() if until <= time.monotonic()]


def _outcome(ours: Connection, one: Operation) -> Outcome:
    try:
        said = ours.recv() if ours.poll() else f"no answer after {PATIENCE} s"
    except EOFError:
        said = "its process ended"
    if isinstance(said, Outcome):
        return said
    return Outcome(one.label, Counter(), 0, [Fault(True, "", str(said), "", "")], [], Counter())


def _child(theirs: Connection, world: World, one: Operation, operation: Any, n: int, seed: int) -> None:
    passwords._passwords.cache_clear()  # their threads are the parent's
    try:
        theirs.send(asyncio.run(fuzz(world, one, operation, n, seed)))
    except BaseException as error:  # noqa: BLE001 - whatever it is, the parent tells
        theirs.send("".join(traceback.format_exception(error))[-4_000:])
