"""A broker: partitions, offsets, whole batches, groups; and the clients as the kernel calls them."""

from asyncio import Future
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaTimeoutError, NotEnoughReplicasError

from libs.events.flow.wire import RawRecord
from tests.simulation.loop import Killed
from tests.simulation.network import LATENCY, Link

if TYPE_CHECKING:
    from tests.simulation.processes import Process
    from tests.simulation.world import World

SESSION = 0.5


class Told:
    """What the broker says of an accepted batch."""

    def __init__(self, offset: int) -> None:
        self.offset = offset


class Broker:
    """Every topic's partitions, and the groups that share them."""

    def __init__(self, world: "World", shards: int) -> None:
        self.world, self.shards = world, shards
        self.logs: dict[tuple[str, int], list[RawRecord]] = {}
        self.groups: dict[str, Group] = {}
        self._waiting: dict[Reader, None] = {}

    def log(self, topic: str, partition: int) -> list[RawRecord]:
        return self.logs.setdefault((topic, partition), [])

    def append(self, topic: str, partition: int, batch: Sequence[tuple[Any, Any, Any]]) -> Told:
        """One record batch, written whole."""
        log = self.log(topic, partition)
        first = len(log)
        log += [RawRecord.of(topic, partition, first + n, *record) for n, record in enumerate(batch)]
        self.world.checks.sent(topic, partition, log[first:])
        waiting, self._waiting = self._waiting, {}
        for reader in waiting:
            reader.look()
        return Told(first)

    def wait(self, reader: "Reader") -> None:
        self._waiting[reader] = None

    def group(self, name: str, topic: str) -> "Group":
        if name not in self.groups:
            self.groups[name] = Group(self.world, topic, self.shards)
        return self.groups[name]


class Batch:
    """The batch builder of a producer."""

    def __init__(self) -> None:
        self.records: list[tuple[Any, Any, Any]] = []

    def append(self, *, key: Any, value: Any, timestamp: Any, headers: Sequence[tuple[str, bytes]]) -> bool:
        self.records.append((key, value, tuple(headers)))
        return True

    def close(self) -> None:
        return


class Producer:
    """Idempotent: what it is told once is written at most once. A refused batch does not stop the ones after it."""

    def __init__(self, process: "Process") -> None:
        self._link = Link(process, "broker", lambda: NotEnoughReplicasError("not enough replicas"))
        self._broker = process.world.broker

    def start(self) -> "Future[None]":
        return self._link.call("start producer", False, lambda: None)

    async def stop(self) -> None:
        return

    def create_batch(self) -> Batch:
        return Batch()

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> "Future[Told]":
        what = f"send {topic}/{partition} {len(batch.records)} records"
        return self._link.call(what, True, self._broker.append, topic, partition, batch.records)


class Reader:
    """What every consumer can: positions, and a fetch that waits until there is something."""

    def __init__(self, process: "Process") -> None:
        self._process, self._loop, self._world = process, process.loop, process.world
        self._broker = process.world.broker
        self._link = Link(process, "broker", lambda: KafkaTimeoutError("the broker does not answer"))
        self._positions: dict[TopicPartition, int] = {}
        self._fetch: Future[dict[TopicPartition, list[RawRecord]]] | None = None
        self._most = 1

    def assign(self, partitions: Sequence[TopicPartition]) -> None:
        self._positions = dict.fromkeys(partitions, 0)

    def assignment(self) -> set[TopicPartition]:
        return set(self._positions)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        if partition not in self._positions:
            raise IllegalStateError(f"{partition} is not assigned")
        self._positions[partition] = offset
        self.look()

    async def position(self, partition: TopicPartition) -> int:
        return self._positions[partition]

    async def beginning_offsets(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return await self._link.call("beginnings", False, lambda: dict.fromkeys(partitions, 0))

    async def end_offsets(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return await self._link.call("ends", False, self._ends, partitions)

    def _ends(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return {p: len(self._broker.log(p.topic, p.partition)) for p in partitions}

    def highwater(self, partition: TopicPartition) -> int:
        return len(self._broker.log(partition.topic, partition.partition))

    def getmany(
        self, *partitions: TopicPartition, timeout_ms: int | None = None, max_records: int = 500
    ) -> "Future[dict[TopicPartition, list[RawRecord]]]":
        """Records of any assigned partition; nothing once `timeout_ms` are over (None: waits for ever)."""
        if self._loop.dead:
            raise Killed
        fetch = self._fetch = self._loop.create_future()
        # A fetch may end anywhere, also in the middle of a commit.
        random = self._world.random.random()
        self._most = max_records if random < 0.7 else 1 + int(random * 977) % 5
        if timeout_ms is not None:
            self._world.scheduler.after(timeout_ms / 1000, _nothing, fetch, loop=self._loop)
        self.look()
        return fetch

    def look(self) -> None:
        """Whether the waiting fetch can be answered: then it soon is."""
        fetch = self._fetch
        if fetch is None or fetch.done() or self._loop.dead:
            return
        broker = self._broker
        for p, offset in self._positions.items():
            if offset < len(broker.log(p.topic, p.partition)):
                break
        else:
            broker.wait(self)
            return
        self._fetch = None
        scheduler = self._world.scheduler
        away = self._world.faults.away.get("broker", 0.0) - scheduler.now
        scheduler.after(max(0.0, away) + LATENCY * self._world.random.random(), self._deliver, fetch, loop=self._loop)

    def _deliver(self, fetch: "Future[dict[TopicPartition, list[RawRecord]]]") -> None:
        if fetch.done():
            return
        found = {}
        for partition, offset in list(self._positions.items()):
            records = self._broker.log(partition.topic, partition.partition)[offset : offset + self._most]
            if records:
                found[partition] = records
                self._positions[partition] = records[-1].offset + 1
        if self._world.trace is not None:
            what = " ".join(f"{p.topic}/{p.partition}@{r[0].offset}+{len(r)}" for p, r in found.items())
            self._world.say(self._process.name, f"fetched {what}")
        fetch.set_result(found)


def _nothing(fetch: "Future[dict[TopicPartition, list[RawRecord]]]") -> None:
    if not fetch.done():
        fetch.set_result({})


class PlainReader(Reader):
    """A consumer without a group, for the length of a block."""

    async def __aenter__(self) -> "PlainReader":
        await self._link.call("start reader", False, lambda: None)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._fetch = None


class Member(Reader):
    """A consumer of a group, as FastStream's subscriber drives it; `start` runs it in its process."""

    def __init__(self, process: "Process", topic: str, group: str, feed: Any) -> None:
        super().__init__(process)
        self.topic, self._feed = topic, feed
        self.group = self._broker.group(group, topic)
        self.consumer: Member | None = self
        self._given: list[set[int]] = []
        self._generation = 0
        self._told: Future[None] | None = None
        self._thrown = False

    def __call__(self, handler: Any) -> None:
        self._handler = handler

    async def start(self) -> None:
        self._process.spawn(self._follow_group(), f"group {self.topic}")
        self._process.spawn(self._consume(), f"feed {self.topic}")
        self.group.join(self)

    async def stop(self) -> None:
        self.group.leave(self)

    @property
    def dead(self) -> bool:
        return self._loop.dead

    @property
    def stalled_until(self) -> float:
        return self._loop.stalled_until

    def give(self, generation: int, shards: set[int]) -> None:
        """The group's word, as it reaches this member; a word overtaken by a newer one is not heard."""
        if generation < self._generation:
            return
        self._generation = generation
        self._given.append(shards)
        if self._told is not None and not self._told.done():
            self._told.set_result(None)

    async def _follow_group(self) -> None:
        while True:
            while not self._given:
                self._told = self._loop.create_future()
                await self._told
            shards = self._given.pop(0)
            if self._world.trace is not None:
                self._world.say(self._process.name, f"assigned {self.topic} {sorted(shards)}")
            await self._feed.on_partitions_revoked(list(self._positions))
            self._positions = {
                TopicPartition(self.topic, shard): self.group.offsets.get(shard, 0) for shard in sorted(shards)
            }
            self._thrown = False
            await self._feed.on_partitions_assigned(list(self._positions))
            self.look()

    async def _consume(self) -> None:
        while True:
            fetched = await self.getmany()
            records = [record for found in fetched.values() for record in found]
            if not records:
                continue
            try:
                await self._handler(records)
            except IllegalStateError:
                self._world.faults.counts["met: seek on a lost partition"] += 1

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        await self._link.call("commit offsets", True, self._commit, dict(offsets))

    def _commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        for partition, offset in offsets.items():
            self.group.offsets[partition.partition] = offset

    def jump(self) -> None:
        """The fetch position is somewhere else all of a sudden."""
        self._thrown = True
        for partition in list(self._positions):
            end = self.highwater(partition)
            if end:
                self.seek(partition, self._world.random.randrange(end + 1))

    @property
    def hangs(self) -> bool:
        """Whether it was thrown past records that it never fetched; the kernel sees that at the next record's gap."""
        fetched = self._feed.subscription.fetched
        return self._thrown and any(fetched.get(p.partition, 0) < self.highwater(p) for p in self._positions)


class Group:
    """Shares partitions among its members. Each learns of it at its own time, so two may own one for a while."""

    def __init__(self, world: "World", topic: str, shards: int) -> None:
        self._world, self.topic, self._shards = world, topic, shards
        self.members: list[Member] = []
        self.offsets: dict[int, int] = {}
        self._generation = 0
        self._coming = False

    def join(self, member: Member) -> None:
        self.members.append(member)
        self._soon()

    def leave(self, member: Member) -> None:
        if member in self.members:
            self.members.remove(member)
            self.rebalance()

    def expel(self, process: "Process") -> None:
        """Its session is over: it is dead, or has stood still for too long."""
        gone = [
            m for m in self.members if m._process is process and (m.dead or m.stalled_until > self._world.scheduler.now)
        ]
        if gone:
            self.members = [m for m in self.members if m not in gone]
            self.rebalance()
        for member in gone:
            if not member.dead:
                back = member.stalled_until - self._world.scheduler.now + 0.05 * self._world.random.random()
                self._world.scheduler.after(back, self._back, member)

    def _back(self, member: Member) -> None:
        if not member.dead and member not in self.members:
            self.members.append(member)
            self._soon()

    def _soon(self) -> None:
        """Those who come together are shared out together."""
        if not self._coming:
            self._coming = True
            self._world.scheduler.after(0.02 * self._world.random.random(), self.rebalance)

    def rebalance(self) -> None:
        """Another sharing-out, drawn by the seed."""
        self._coming = False
        random, scheduler = self._world.random, self._world.scheduler
        members = [m for m in self.members if not m.dead]
        if not members:
            return
        random.shuffle(members)
        self._generation += 1
        for n, member in enumerate(members):
            shards = set(range(n, self._shards, len(members)))
            scheduler.after(0.02 * random.random(), member.give, self._generation, shards, loop=member._loop)
