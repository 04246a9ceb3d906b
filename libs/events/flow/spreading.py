"""A large fold spread over processes: each folds some shards into the same build, with their checkpoints.

A document's events have one partition key, so it lies in one shard and no two processes write the same one. Whoever is
killed leaves whole portions: what is left is folded by whoever comes next.
"""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

import msgspec
import uvloop

from libs.events.errors import Unavailable
from libs.events.flow.bulk import in_bulk
from libs.events.flow.folding import Folding, NotFoldable
from libs.events.flow.projections import Projection
from libs.events.store.ports import Stale, StateStore

FROM_EVENTS = 100_000
"""Fewer are folded before a process has started."""
REFUSALS: dict[str, type[Exception]] = {e.__name__: e for e in (Stale, NotFoldable, Unavailable)}
"""What a process may meet that whoever started it knows how to go on from, by the name under which it travels."""

Ends = Mapping[str, Mapping[int, int]]
"""By source and shard: the offset to fold to."""


class Spread(msgspec.Struct, frozen=True):
    """What a process needs that cannot be sent to it: how to open the store, and where the projection is found.

    Both are called there, so they are functions of a module or `functools.partial` of one.
    """

    state: Callable[[], AbstractAsyncContextManager[StateStore]]
    projection: Callable[[], Projection]
    processes: int = 0
    """0: as many as there are cores."""
    from_events: int = FROM_EVENTS


class Part(msgspec.Struct, frozen=True):
    """What one process does."""

    service: str
    build: int
    topics: Mapping[str, str]
    bootstrap: str
    ends: Mapping[str, Mapping[int, int]]


def divided(left: Mapping[tuple[str, int], int], processes: int) -> list[set[tuple[str, int]]]:
    """(source, shard)s by how much is left of each, in so many groups of about the same size; none is empty."""
    groups: list[set[tuple[str, int]]] = [set() for _ in range(processes)]
    sizes = [0] * processes
    for what in sorted(left, key=lambda one: -left[one]):
        if left[what] > 0:
            smallest = sizes.index(min(sizes))
            groups[smallest].add(what)
            sizes[smallest] += left[what]
    return [group for group in groups if group]


async def fold_spread(parts: Sequence[tuple[Spread, Part]], folded: Callable[[int], None]) -> None:
    """Raises what the first process to fail has met: Stale, NotFoldable, Unavailable; the others end then."""
    context = multiprocessing.get_context("spawn")
    running = []
    try:
        for spread, part in parts:
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_run, args=(spread, part, theirs), daemon=True)
            running.append((process, ours))
            await _started(process)
            theirs.close()
        async with asyncio.TaskGroup() as group:
            for _, ours in running:
                group.create_task(_listened(ours, folded))
    except* tuple(REFUSALS.values()) as failed:
        raise failed.exceptions[0] from None
    finally:
        for process, ours in running:
            if process.is_alive():
                process.terminate()
            if process.pid is not None:
                await asyncio.to_thread(process.join)
            ours.close()


async def _started(process: SpawnProcess) -> None:
    """Whoever is cancelled meanwhile waits for it all the same: a process that is half started cannot be ended."""
    starting = asyncio.ensure_future(asyncio.to_thread(process.start))
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        await starting
        raise


async def _listened(told: Connection, folded: Callable[[int], None]) -> None:
    """Until it has told everything."""
    while True:
        try:
            said = await _received(told)
        except EOFError:
            raise Unavailable("a process that folded was killed; run this again: it goes on from here") from None
        match said:
            case int():
                folded(said)
            case "done":
                return
            case (str(kind), str(words)):
                raise REFUSALS.get(kind, RuntimeError)(words)


async def _received(told: Connection) -> Any:
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(told.fileno(), ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(told.fileno())
    return told.recv()


def _run(spread: Spread, part: Part, tell: Connection) -> None:
    """A process's whole life. It ends with whoever started it: nobody would hear it."""
    # A terminal's Ctrl-C reaches all of them; the one that was asked ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        uvloop.run(_fold(spread, part, tell))
    except BrokenPipeError:
        os._exit(1)
    except tuple(REFUSALS.values()) as error:
        tell.send((next(name for name, kind in REFUSALS.items() if isinstance(error, kind)), str(error)))
    except Exception as error:  # a defect, of whatever kind: its words travel, its traceback is printed here
        tell.send((type(error).__name__, str(error)))
        raise
    else:
        tell.send("done")


async def _fold(spread: Spread, part: Part, tell: Connection) -> None:
    projection = msgspec.structs.replace(spread.projection(), build=part.build)
    async with spread.state() as state, in_bulk(part.bootstrap) as bulk:
        for source, ends in part.ends.items():
            fold = Folding(part.service, projection, source, part.topics[source], state, tell.send)
            # One shard after the other: what one holds fits into memory where all of them together do not, and each of
            # its documents is written once.
            for shard, end in ends.items():
                await fold.begin([shard])
                await fold.to(bulk, {shard: end})
