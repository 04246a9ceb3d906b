"""What must hold after every durable effect. Told by stores and broker at the moment of the effect."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from libs.events.batch import Decided
from libs.events.envelope import GENESIS, Commit, records_of
from libs.events.flow.wire import RawRecord
from libs.events.store.ports import Move, Write
from tests.simulation.domain import SERVICES
from tests.simulation.history import History
from tests.simulation.models import Consumers

if TYPE_CHECKING:
    from tests.simulation.stores import Database
    from tests.simulation.world import World


class Checks:
    """Every finding is a sentence given to `world.fail`; the world stops at the first."""

    def __init__(self, world: "World") -> None:
        self._world, self._fail = world, world.fail
        self.history = History(SERVICES)
        self.consumers = Consumers(self.history, world)
        self._records: dict[tuple[str, int], list[tuple[bytes, bytes, tuple[tuple[str, bytes], ...]]]] = defaultdict(
            list
        )
        self._ends: dict[tuple[str, int], list[bool]] = defaultdict(list)
        self.read: Counter[tuple[str, int]] = Counter()
        """How far the reader's rule leads in each partition."""

    # The log.

    def appended(self, database: "Database", commit: Commit) -> None:
        service, shard = database.service, commit.shard
        topic = f"{service}.events"
        if self._world.trace is not None:
            self._world.say(
                "store", f"{service} {shard}/{commit.position} is {commit.id[:6]} in {commit.stream}@{commit.version}"
            )
        log = database.shards[shard]
        before = log[-2] if len(log) > 1 else None
        if commit.position != (before.last_position + 1 if before else 1):
            self._fail(f"positions are not dense: {commit.position} after {before and before.last_position}")
        if commit.previous_hash != (before.hash if before else GENESIS):
            self._fail(f"the chain is broken at {service} {shard}/{commit.position}")
        if before is not None and int(commit.clock, 16) <= int(before.clock, 16):
            self._fail(f"the clock stood still at {service} {shard}/{commit.position}")
        if before is not None and commit.recorded_at < before.recorded_at:
            self._fail(f"recorded before its predecessor: {service} {shard}/{commit.position}")
        stream = database.streams[commit.stream]
        if commit.version != (stream[-2].last_version + 1 if len(stream) > 1 else 1):
            self._fail(f"versions are not dense in {commit.stream}: {commit.version}")
        for name, version in commit.reads:
            known = database.streams.get(name)
            if version > (known[-1].last_version if known else 0):
                self._fail(f"{commit.id} says it read {name}@{version}, which is not there")
        self._keep_records(topic, commit)
        self._causes(service, commit)
        self.history.add(service, commit)

    def _keep_records(self, topic: str, commit: Commit) -> None:
        """What the topic must say of it, each hash computed from the bytes."""
        previous, kept = commit.previous_hash, self._records[topic, commit.shard]
        for record in records_of(commit):
            values = record.headers
            lines = b"".join(name.encode() + b"=" + value + b"\n" for name, value in values[:20])
            hash_ = sha256(lines + b"\n" + record.value).hexdigest()
            if values[19] != ("ce_previoushash", previous.encode()) or values[20] != ("ce_hash", hash_.encode()):
                self._fail(f"a hash of {commit.id} does not verify")
            previous = hash_
            kept.append((record.key, record.value, tuple(values)))
            self._ends[topic, commit.shard].append(False)
        if previous != commit.hash or len(kept) != commit.last_position:
            self._fail(f"the commit {commit.id} does not end with its last event")
        self._ends[topic, commit.shard][-1] = True

    def _causes(self, service: str, commit: Commit) -> None:
        if commit.causation_id == commit.id:
            return
        cause = self.history.events.get(commit.causation_id)
        if cause is None:
            self._fail(f"{commit.id} was caused by {commit.causation_id}, which is in no log")
        elif int(commit.clock, 16) <= cause.clock:
            self._fail(f"{commit.id} is not after its cause {cause.id} in the hybrid clock")
        elif self.history.effects[commit.causation_id, commit.stream]:
            self._fail(f"{commit.causation_id} had its effect on {commit.stream} twice")

    # The topic.

    def sent(self, topic: str, partition: int, records: Sequence[RawRecord]) -> None:
        """The reader's rule, record by record; what is not one of ours must have been a stray."""
        true, read = self._records[topic, partition], self.read[topic, partition]
        for record in records:
            place = _position(record)
            if place is None or not 0 < place <= len(true) or not _same(record, true[place - 1]):
                if not self._world.stray(record):
                    self._fail(f"{topic}/{partition}@{record.offset} is not what the store has at {place}")
            elif place > read + 1:
                self._fail(f"{topic}/{partition}: position {place} follows {read}; a hole")
            elif place == read + 1:
                read = place
        self.read[topic, partition] = read
        if read and not self._ends[topic, partition][read - 1]:
            self._fail(f"{topic}/{partition} holds a part of a commit only, up to {read}")

    # Consumers and other documents.

    def transacted(self, database: "Database", writes: Sequence[Write], moves: Sequence[Move]) -> None:
        for move in moves:
            shard = self.history.shards[move.topic.partition(".")[0], move.shard]
            before = move.before.position if move.before else 0
            place = move.after.position
            name = f"{move.consumer} {move.topic}/{move.shard}"
            if place < before:
                self._fail(f"the checkpoint of {name} goes back from {before} to {place}")
            elif place and (place > len(shard) or shard[place - 1].hash != move.after.hash):
                self._fail(f"the checkpoint of {name} is no event of the shard: {place}")
            elif place and not shard[place - 1].last:
                self._fail(f"the checkpoint of {name} is in the middle of a commit: {place}")
            elif place and not self._holds(move):
                self._fail(
                    f"the checkpoint of {name} says to read on at {move.after.offset}, which is not behind {place}"
                )
        if not self._world.scheduler.stopped:
            self.consumers.transacted(database, writes, moves)

    def _holds(self, move: Move) -> bool:
        log = self._world.broker.log(move.topic, move.shard)
        offset = move.after.offset
        return 0 < offset <= len(log) and _position(log[offset - 1]) == move.after.position

    def written(self, database: "Database", name: str, document: dict[str, Any]) -> None:
        """A relay's place is never ahead of what the topic holds."""
        if name == "relay":
            topic, _, shard = document["_id"].partition("|")
            if document["position"] > self.read[topic, int(shard)]:
                self._fail(f"the relay's place {document['position']} in {topic}/{shard} is ahead of the topic")
            if document.get("lost"):
                self._fail(f"the relay believes {topic}/{shard} to be lost, which it never was")

    # Answers.

    def answered(self, call: Any, outcome: Decided) -> None:
        stored = self._world.databases[call.service].by_id.get(call.command.id)
        if outcome.commit is not None and outcome.commit != stored:
            self._fail(f"the answer to {call.command.id} is not the commit in the log: {outcome.commit} and {stored}")

    def at_the_end(self) -> None:
        """Everything once more, from genesis, when all has come to rest."""
        for service, database in self._world.databases.items():
            for shard, commits in enumerate(database.shards):
                where = f"{service}.events", shard
                if self.read[where] != (commits[-1].last_position if commits else 0):
                    self._fail(f"{where} ends at {self.read[where]}, the store elsewhere")
        if not self._world.scheduler.stopped:
            self.consumers.at_the_end()


def _position(record: RawRecord) -> int | None:
    for name, value in record.headers:
        if name == "ce_sequence":
            return int(value) if value and value.isdigit() else None
    return None


def _same(record: RawRecord, true: tuple[bytes, bytes, tuple[tuple[str, bytes], ...]]) -> bool:
    return (record.key, record.value, record.headers) == true
