"""Verify a log: dense, chained, unchanged; store and topic byte for byte the same. Trusts nobody's word."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from typing import Literal

import msgspec
from aiokafka import AIOKafkaConsumer

from libs.events.audit.heads import Signed
from libs.events.audit.topic import Forked, audit_consumer, partitions_of, read_shard
from libs.events.envelope import ENVELOPE, GENESIS, Commit, chained, commit_fault
from libs.events.flow.clients import put_away
from libs.events.flow.wire import Arrived, UnknownEnvelope, commit_of
from libs.events.names import partition_key_of, shard_of
from libs.events.store.ports import CommitStore

Against = Literal["store", "topic", "both"]
PAGE = 500
PATIENCE_SECONDS = 10.0


class Fault(msgspec.Struct, frozen=True):
    """Something that does not hold, and exactly where."""

    service: str
    shard: int
    position: int
    what: str


class ShardReport(msgspec.Struct, frozen=True):
    """How many positions of a shard were verified in the store and in the topic; the head's hash."""

    shard: int
    positions: int
    topic_positions: int
    head: str


class Report(msgspec.Struct, frozen=True):
    service: str
    shards: tuple[ShardReport, ...]
    faults: tuple[Fault, ...]


Progress = Callable[[int], None]
Expected = Mapping[int, Mapping[int, Signed]]
"""What was signed of one service's log: shard → position."""


async def verify_service(
    service: str, store: CommitStore, bootstrap: str, topic: str, against: Against,
    progress: Progress = lambda _: None, signed: Expected | None = None,
) -> Report:  # fmt: skip
    """Walk every shard of one service. `progress` is called with the number of events just verified; `signed` are the
    heads that were signed before the walk began."""
    shards = (await store.meta()).shards
    reports, faults = [], []
    kafka = audit_consumer(bootstrap) if against != "store" else None
    try:
        if kafka is not None:
            await kafka.start()
            partitions = await partitions_of(kafka, topic)
            if partitions != shards:
                faults.append(Fault(service, 0, 0, f"the topic has {partitions} partitions, the store {shards} shards"))
        for shard in range(shards):
            walk = ShardWalk(service, shard, shards, store, progress)
            if against == "topic":
                assert kafka is not None
                await walk.topic(kafka, topic)
            else:
                await walk.store()
                if kafka is not None and not walk.faults:
                    await walk.compare(kafka, topic)
            if signed is not None and not walk.faults:
                walk.compare_signed(signed.get(shard, {}))
            reports.append(walk.report())
            faults += walk.faults
    finally:
        if kafka is not None:
            await put_away(kafka)
    return Report(service, tuple(reports), tuple(faults))


class ShardWalk:
    """One shard, from its first position to its head; stops at the first fault, which makes the rest worthless."""

    def __init__(self, service: str, shard: int, shards: int, store: CommitStore, progress: Progress) -> None:
        self._service, self._shard, self._shards, self._store, self._progress = service, shard, shards, store, progress
        self.faults: list[Fault] = []
        self._position, self._hash, self._clock, self._time = 0, GENESIS, 0, ""
        self._versions: dict[str, int] = {}
        self._ends: dict[int, str] = {}
        self._topic_positions = 0

    def report(self) -> ShardReport:
        return ShardReport(self._shard, self._position, self._topic_positions, self._hash)

    def _fault(self, position: int, what: str) -> None:
        self.faults.append(Fault(self._service, self._shard, position, what))

    async def store(self) -> None:
        async for commit in self._stored():
            if not self._holds(commit):
                return
            self._progress(len(commit.events))

    async def _stored(self, until: int | None = None) -> AsyncIterator[Commit]:
        after = 0
        while True:
            page = await self._page(after)
            if not page:
                return
            for commit in page:
                if until is not None and commit.position > until:
                    return
                yield commit
            after = page[-1].last_position

    async def _page(self, after: int) -> list[Commit]:
        """The next commits; where one cannot be read, those before it one by one, then the fault at its place."""
        try:
            return await self._store.read_shard(self._shard, after, PAGE)
        except msgspec.ValidationError:
            pass
        try:
            return await self._store.read_shard(self._shard, after, 1)
        except msgspec.ValidationError as error:
            self._fault(after + 1, f"a stored commit cannot be read: {error}")
            return []

    def _holds(self, commit: Commit) -> bool:
        what = self._what_is_wrong(commit)
        if what is not None:
            self._fault(self._bad_position(commit), what)
            return False
        self._position, self._hash = commit.last_position, commit.hash
        self._clock, self._time = int(commit.clock, 16), commit.recorded_at
        self._versions[commit.stream] = commit.last_version
        self._ends[commit.last_position] = commit.hash
        return True

    def compare_signed(self, signed: Mapping[int, Signed]) -> None:
        """Every signed head must be where it was: the first that is not is named."""
        for position, head in sorted(signed.items()):
            when = f"position {position} was signed at {head.at} (line {head.number} of the signed heads)"
            if position > self._position:
                self._fault(position, f"the tail was cut: {when}, the log ends at {self._position}")
            elif self._ends.get(position) != head.hash:
                here = self._ends.get(position, "no end of a commit")
                self._fault(position, f"the log was rewritten: {when} as {head.hash}, it is {here} now")
            else:
                continue
            return

    def _bad_position(self, commit: Commit) -> int:
        """The first event whose hash does not follow, so that a flipped byte is named, not only its commit."""
        with suppress(ValueError):  # what no header can hold is wrong from the first event on
            for n, (stored, right) in enumerate(zip(commit.events, chained(commit).events, strict=True)):
                if stored.hash != right.hash:
                    return commit.position + n
        return commit.position

    def _what_is_wrong(self, commit: Commit) -> str | None:
        if commit.position != self._position + 1:
            return f"expected position {self._position + 1}, found {commit.position}"
        if commit.previous_hash != self._hash:
            return "the chain breaks: the previous hash is not the hash before"
        try:
            fault = commit_fault(commit)
        except ValueError as error:
            return f"a field holds what no log can hold: {error}"
        if fault is not None:
            return fault
        if commit.envelope != ENVELOPE:
            return f"unknown envelope {commit.envelope}"
        if commit.shard != self._shard or shard_of(commit.partition_key, self._shards) != self._shard:
            return "the commit does not belong to this shard"
        if partition_key_of(commit.stream) != commit.partition_key:
            return "the partition key is not the stream's"
        if commit.version != self._versions.get(commit.stream, 0) + 1:
            return (
                f"{commit.stream}: expected version {self._versions.get(commit.stream, 0) + 1}, found {commit.version}"
            )
        if int(commit.clock, 16) <= self._clock or commit.recorded_at < self._time:
            return "the clock runs backwards"
        return None

    async def topic(self, kafka: AIOKafkaConsumer, topic: str) -> None:
        try:
            async for commit in read_commits(kafka, topic, self._shard):
                if not self._holds(commit):
                    return
                self._topic_positions = commit.last_position
                self._progress(len(commit.events))
        except Forked as fork:
            self._fault(fork.position, "the topic forks here")
        except UnknownEnvelope as unknown:
            self._fault(unknown.position, f"unknown envelope {unknown}")

    async def compare(self, kafka: AIOKafkaConsumer, topic: str) -> None:
        """The topic must hold exactly the stored commits; one not yet relayed is waited for."""
        for _ in range(int(PATIENCE_SECONDS)):
            self._topic_positions = 0
            await self._compare_once(kafka, topic)
            if self.faults or self._topic_positions >= self._position:
                return
            await asyncio.sleep(1)
        self._fault(
            self._topic_positions + 1, f"the topic ends at {self._topic_positions}, the store at {self._position}"
        )

    async def _compare_once(self, kafka: AIOKafkaConsumer, topic: str) -> None:
        stored = self._stored()
        try:
            async for copied in read_commits(kafka, topic, self._shard):
                original = await anext(stored, None)
                if original is None:
                    self._fault(copied.position, "the topic has a commit that the store does not have")
                    return
                if copied != original:
                    self._fault(copied.position, "store and topic say different things")
                    return
                self._topic_positions = copied.last_position
        except Forked as fork:
            self._fault(fork.position, "the topic forks here")
        except UnknownEnvelope as unknown:
            self._fault(unknown.position, f"unknown envelope {unknown}")


async def read_commits(kafka: AIOKafkaConsumer, topic: str, shard: int) -> AsyncIterator[Commit]:
    records: list[Arrived] = []
    async for record in read_shard(kafka, topic, shard):
        records.append(record)
        if record.number == record.size:
            yield commit_of(records)
            records = []
