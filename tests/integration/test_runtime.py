"""The kernel on a real broker and a real store: from a command to the read model and the next command."""

import asyncio

import pytest

from libs.events.contracts.notifications import MessageRead
from libs.events.errors import KeyReused
from tests.backends import Backends
from tests.integration.running import eventually, post, running
from tests.toy import Full, service

pytestmark = pytest.mark.integration


async def test_a_command_reaches_its_read_model_and_its_reaction(backends: Backends) -> None:
    prefix = await backends.fresh()
    async with running(backends, prefix, service) as runtime:
        decided = await runtime.handle(post(runtime, 1, title="echo", count=3))
        assert decided.commit is not None
        await runtime.read_after("notifications", decided.commit.shard, decided.commit.last_position)
        counters = runtime.view("counters")
        assert (await counters.get("message-a1-m"))["seen"] == ["0", "1", "2"]  # type: ignore[index]
        echo = await runtime.store.read_stream(decided.commit.shard, "message-a1-m-echo")
        assert [e.type for c in echo for e in c.events] == ["notifications.MessageRead.v1"] * 3
        assert {c.correlation_id for c in echo} == {decided.commit.id}
        assert [c.causation_id for c in echo] == [e.id for e in decided.commit.events]
        assert all(int(c.clock, 16) > int(decided.commit.clock, 16) for c in echo)
        assert MessageRead.__name__ in echo[0].events[0].type


async def test_a_repeated_command_gets_its_first_result_even_after_the_state_moved_on(backends: Backends) -> None:
    prefix = await backends.fresh()
    async with running(backends, prefix, service, "api") as runtime:
        command = post(runtime, 1)
        first = await runtime.handle(command, canonical="x")
        await runtime.handle(post(runtime, 2, count=100))
        again = await runtime.handle(command, canonical="x")
        assert again.commit == first.commit and again.repeated
        with pytest.raises(KeyReused):
            await runtime.handle(command, canonical="y")


async def test_a_refusal_leaves_nothing(backends: Backends) -> None:
    prefix = await backends.fresh()
    async with running(backends, prefix, service, "api") as runtime:
        with pytest.raises(Full):
            await runtime.handle(post(runtime, 1, count=2_000))
        for shard in range(runtime.settings.shards):
            assert (await runtime.store.head(shard)).position == 0


async def test_many_commands_at_once_leave_a_dense_verified_shard(backends: Backends) -> None:
    prefix = await backends.fresh()
    async with running(backends, prefix, service) as runtime:
        commands = [post(runtime, n, name=f"m{n % 7}", count=1 + n % 3) for n in range(120)]
        decided = await asyncio.gather(*(runtime.handle(command) for command in [*commands, *commands]))
        shard = decided[0].commit.shard  # type: ignore[union-attr]
        commits = await runtime.store.read_shard(shard, 0, 1_000)
        assert len(commits) == 120
        expected = 1
        for commit in commits:
            assert commit.position == expected
            expected = commit.last_position + 1
        total = sum(1 + n % 3 for n in range(120))
        assert expected == total + 1

        async def all_seen() -> bool:
            found = await runtime.view("counters").find({})
            return sum(len(d["seen"]) for d in found) == total

        await eventually(all_seen)


async def test_two_processes_on_one_shard_stay_dense(backends: Backends) -> None:
    prefix = await backends.fresh()
    async with running(backends, prefix, service, "api") as one, running(backends, prefix, service, "api") as two:
        await asyncio.gather(*(r.handle(post(r, n, name=f"r{i}")) for i, r in enumerate((one, two)) for n in range(15)))
        await asyncio.gather(
            *(r.handle(post(r, n + 100 * i, name="shared")) for i, r in enumerate((one, two)) for n in range(10))
        )
        shard = one.handler.shard("message-a1-shared")
        commits = await one.store.read_shard(shard, 0, 1_000)
        assert [c.position for c in commits] == list(range(1, 51))
        assert sorted(c.version for c in commits if c.stream == "message-a1-shared") == list(range(1, 21))
