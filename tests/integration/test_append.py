"""Many writers, one log: races of processes stay dense, and an outcome that nobody knows is never two commits."""

import asyncio
import os
import signal
from contextlib import AsyncExitStack

import pytest

from libs.events.envelope import MOST_EVENTS
from libs.events.errors import TooLarge, Unavailable, VersionMismatch
from tests.backends import Backends
from tests.integration.lab import Wire, assert_dense, log_of, posted, process, said, tell
from tests.integration.running import eventually
from tests.toy import Full

pytestmark = pytest.mark.integration


async def test_several_processes_on_one_shard_stay_dense(backends: Backends) -> None:
    prefix = await backends.fresh()
    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(log_of(backends, prefix))
        others = [
            await stack.enter_async_context(
                process(backends, prefix, "write", who=who, count=20, streams=["shared", f"own{who}"])
            )
            for who in range(3)
        ]
        assert [await said(other) for other in others] == ["ready"] * 3
        for other in others:
            tell(other)
        mine = await asyncio.gather(*(log.post(n, name="shared") for n in range(20)))
        places = [tuple(place) for other in others for place in await said(other)]
        places += [(d.commit.id, d.commit.position) for d in mine if d.commit]
        commits = await log.commits()
    assert len(commits) == 80
    assert_dense(commits)
    assert sorted(places) == sorted((c.id, c.position) for c in commits)


async def test_one_command_in_two_processes_at_once_is_one_commit(backends: Backends) -> None:
    prefix = await backends.fresh()
    async with log_of(backends, prefix) as one, log_of(backends, prefix) as two:
        for n in range(10):
            first, second = await asyncio.gather(one.post(n), two.post(n))
            assert first.commit == second.commit and first.repeated != second.repeated
        assert len(await one.commits()) == 10


async def test_a_commit_that_is_too_large_leaves_nothing_and_harms_no_other(backends: Backends) -> None:
    async with log_of(backends, await backends.fresh()) as log:
        large, full, fine = await asyncio.gather(
            log.post(1, title="企" * 90_000), log.post(2, count=100_000), log.post(3, count=MOST_EVENTS),
            return_exceptions=True,
        )  # fmt: skip
        assert isinstance(large, TooLarge) and isinstance(full, Full)
        assert not isinstance(fine, BaseException)
        assert [c.last_position for c in await log.commits()] == [MOST_EVENTS]


async def test_of_two_processes_that_name_the_same_version_one_is_told(backends: Backends) -> None:
    prefix = await backends.fresh()
    async with log_of(backends, prefix) as one, log_of(backends, prefix) as two:
        for n in range(5):
            answers = await asyncio.gather(
                one.handler.handle(posted(f"one-{n}"), expected=n),
                two.handler.handle(posted(f"two-{n}"), expected=n),
                return_exceptions=True,
            )
            assert sorted(type(answer).__name__ for answer in answers) == ["Decided", VersionMismatch.__name__]
        assert_dense(await one.commits())


async def test_a_lost_answer_is_looked_up_by_the_commands_id(backends: Backends) -> None:
    prefix = await backends.fresh()
    async with Wire(backends.store_uri) as wire, log_of(backends, prefix, store_uri=wire.uri) as log:
        await log.post(0)
        wire.lose_answer_to = posted(1).id.encode() + b".1"
        asyncio.get_running_loop().call_later(0.3, wire.mend)
        decided = await log.post(1)
        assert decided.commit is not None
        assert not wire.cut and wire.lose_answer_to is None
        await log.post(2)
        assert_dense(await log.commits())
        assert len(await log.commits()) == 3


async def test_a_command_whose_outcome_nobody_knows_may_be_repeated(backends: Backends) -> None:
    prefix = await backends.fresh()
    async with (
        Wire(backends.store_uri) as wire,
        log_of(backends, prefix, store_uri=wire.uri) as log,
    ):
        await log.post(0)
        wire.lose_answer_to = posted(1).id.encode() + b".1"
        answers = await asyncio.gather(log.post(1), log.post(2), log.post(3, count=100_000), return_exceptions=True)
        assert all(isinstance(answer, Unavailable) for answer in answers)
        with pytest.raises(Unavailable):
            await log.post(4)
        wire.mend()
        again = await asyncio.gather(log.post(1), log.post(2))
        assert [d.version for d in again] == [2, 3]
        assert again[0].repeated
        assert len(await log.commits()) == 3
        assert_dense(await log.commits())


async def test_a_store_killed_in_the_middle_loses_nothing_that_was_answered(backends: Backends) -> None:
    stack = backends.stack
    if stack is None:
        pytest.skip("only the embedded store can be killed")
    prefix = await backends.fresh()
    async with log_of(backends, prefix, store_uri=backends.store_uri) as log:
        await log.post("first")
        before = stack.pids["store"]
        writing = [asyncio.create_task(log.post(n, name=f"m{n % 5}")) for n in range(300)]
        await asyncio.wait(writing, return_when=asyncio.FIRST_COMPLETED)
        in_flight = [task for task in writing if not task.done()]
        os.kill(before, signal.SIGKILL)
        answers = await asyncio.gather(*writing, return_exceptions=True)
        answered = [a.commit for a in answers if not isinstance(a, BaseException)]
        assert in_flight
        assert all(isinstance(a, Unavailable) for a in answers if isinstance(a, BaseException))

        async def back() -> bool:
            return stack.pids.get("store", before) != before and stack.state.parts["store"]["status"] == "ready"

        await eventually(back, "for the store")
        again = await asyncio.gather(*(log.post(n, name=f"m{n % 5}") for n in range(300)))
        commits = await log.commits()
        assert_dense(commits)
        assert {c.id for c in commits} == {d.commit.id for d in again if d.commit} | {posted("first").id}
        assert len(commits) == 301
        assert all(commit in commits for commit in answered)
