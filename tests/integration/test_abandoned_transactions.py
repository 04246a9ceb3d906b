"""A process killed in the middle of a transaction holds up nobody: whoever comes next ends what it left open."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest

from libs.events.errors import Unavailable
from libs.events.store.mongo import connect
from libs.events.store.mongo_state import MongoState
from libs.events.store.ports import Checkpoint, Move, Stale, Write
from tests.backends import Backends
from tests.integration.lab import Wire
from tests.integration.running import eventually

pytestmark = pytest.mark.integration
MOVE = Move("c", "t", 0, None, Checkpoint(1, "a" * 64, 1))
WRITES = [Write("views", "v", {"seen": 1})]


class Doomed(MongoState):
    """Dies when the checkpoint has been moved and the documents have not been written."""

    async def _write(self, *_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


async def doomed(uri: str, prefix: str) -> None:
    await Doomed(connect(uri), "review", prefix).transact(WRITES, [MOVE])


async def test_what_a_killed_process_left_open_is_ended_by_the_next(backends: Backends) -> None:
    prefix = await backends.fresh()
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.test_abandoned_transactions", backends.store_uri, prefix, stderr=PIPE
    )
    _, trouble = await killed.communicate()
    assert killed.returncode == -signal.SIGKILL, trouble.decode()
    client = connect(backends.store_uri)
    try:
        state = MongoState(client, "review", prefix)
        with pytest.raises(Stale):
            await state.transact(WRITES, [MOVE])
        await state.end_abandoned()
        await state.transact(WRITES, [MOVE])
        assert await state.load("views", ["v"]) == {"v": {"_id": "v", "seen": 1}}
    finally:
        client.close()


async def test_a_process_that_lives_goes_on_after_another_has_started(backends: Backends) -> None:
    first, second = connect(backends.store_uri), connect(backends.store_uri)
    prefix = await backends.fresh()
    try:
        living, starting = MongoState(first, "review", prefix), MongoState(second, "review", prefix)
        await living.transact(WRITES, [MOVE])
        await starting.end_abandoned()
        await living.transact([], [Move("c", "t", 0, MOVE.after, Checkpoint(2, "b" * 64, 2))])
        assert (await starting.checkpoints("c", "t"))[0].position == 2
    finally:
        first.close()
        second.close()


@pytest.mark.parametrize("times", [1, 2])
async def test_what_a_cut_link_left_open_is_ended_by_the_same_process(backends: Backends, times: int) -> None:
    """The store has the transaction's first write, and hears of neither a commit nor an abort."""
    prefix = await backends.fresh()
    async with Wire(backends.store_uri) as wire:
        client = connect(wire.uri, timeout_ms=500)
        try:
            state = Cutting(client, "review", prefix)
            await state.transact([], [MOVE])
            state.wire, later = wire, Move("c", "t", 0, MOVE.after, Checkpoint(2, "b" * 64, 2))
            for _ in range(times):
                with pytest.raises(Unavailable):
                    await state.transact(WRITES, [later])
            wire.mend()
            state.wire = None

            async def goes_on() -> bool:
                with suppress(Unavailable):
                    await state.transact(WRITES, [later])
                    return True
                return False

            async with asyncio.timeout(5):
                await eventually(goes_on, "for the link")
            assert (await state.checkpoints("c", "t"))[0].position == 2
        finally:
            client.close()


class Cutting(MongoState):
    """Loses its link when the checkpoint has been moved and the documents have not been written."""

    wire: Wire | None = None

    async def _write(self, writes: Sequence[Write], session: Any) -> None:
        if self.wire is not None:
            self.wire.cut = True
            self.wire.hang_up()
        await super()._write(writes, session)


if __name__ == "__main__":
    asyncio.run(doomed(*sys.argv[1:]))
