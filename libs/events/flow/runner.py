"""The runner: one shared fetch per (service, topic), one transaction per fetch, checkpoints by compare-and-set."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress

import structlog

from libs.events.errors import Unavailable
from libs.events.flow.consumers import Commits, Consumer, Effects
from libs.events.flow.cursors import DOUBTED, DOUBTFUL, HEALING, Carry, Cursor, find_place, plan, unfinished
from libs.events.flow.parking import pack
from libs.events.flow.requests import Operator
from libs.events.flow.wire import Arrived, Foreign, RawRecord, UnknownEnvelope, verify
from libs.events.points import reach
from libs.events.store.ports import AlreadyThere, Checkpoint, Move, Stale, StateStore, Unstorable, Write

log = structlog.get_logger("runner")

BEHIND = 1_000
QUIET_SECONDS = 0.25
LAZY_SECONDS = 1.0
LAZIEST_SECONDS = 3.0
"""Checkpoints without effect are saved when no fetch has come for QUIET_SECONDS, but no sooner than LAZY_SECONDS after the
last time; while fetches keep coming, every LAZIEST_SECONDS. They cost a store as much as those with an effect."""
ALONE = 2
"""So many times longer where this process has all shards: nobody else waits for them, only a restart begins there."""
ANSWER_SECONDS = 1.0
SELDOM = 5
"""So many times longer where nothing waits in a parking lot: there is hardly anything to ask for."""
FLUSH_SECONDS = 60.0
MUCH = 100
"""A fetch of so many records was not the first of a few: the next one follows at once."""
LEAVE_SECONDS = 2.0
FOREIGN = "foreign"


class Subscription:
    """Everything one service does with one topic. `lock` keeps fetches, detached readers and retries apart."""

    def __init__(
        self, service: str, topic: str, state: StateStore, consumers: Sequence[Consumer], partitions: int = 0,
        gathers: float = 0.0,
    ) -> None:  # fmt: skip
        """`partitions`: how many shards the topic has; 0 when it is not known. `gathers`: see `Service`."""
        self.service, self.topic, self.state, self.consumers = service, topic, state, consumers
        self._partitions, self._gathers = partitions, gathers
        self.hurry = asyncio.Event()
        """Set by whoever waits here for what a fetch brings."""
        self.lock = asyncio.Lock()
        self.cursors: dict[tuple[str, int], Cursor] = {}
        self.shards: set[int] = set()
        self.fetched: dict[int, int] = {}
        self.foreign = 0
        self.loads = self.reloads = 0
        """How often cursors were put in place anew; how often because somebody else had moved a checkpoint."""
        self.rebuilt: Counter[str] = Counter()
        self.beside: set[str] = set()
        """Consumers whose read model nobody reads yet: who waits to read does not wait for them."""
        self.detached = asyncio.Event()
        self.moved = asyncio.Condition()
        self.operator = Operator(self)
        self._carry: Carry = {}
        self._jumped: dict[int, int] = {}
        self._fetched_at = self._flushed_at = self._answered_at = 0.0

    async def assigned(self, shards: set[int]) -> dict[int, int]:
        """Take over shards: the offset each is to be read from, the lowest among the consumers that are level."""
        async with self.lock:
            await self._load(set(shards))
            for shard in shards:
                self._carry.pop(shard, None)
                self.fetched[shard] = self._level(shard)
            return {shard: self.fetched[shard] for shard in shards}

    async def _load(self, shards: set[int]) -> None:
        """Detached readers look at cursors without the lock, so they change in one step."""
        cursors = {}
        self.foreign = await self.state.documents(FOREIGN).count({"record.topic": self.topic})
        for consumer in self.consumers:
            # The lot after the checkpoints: what is parked later than they say, their compare-and-set would notice.
            found = await self.state.checkpoints(consumer.name, self.topic)
            await consumer.lot.load()
            for shard in shards:
                saved = found.get(shard)
                cursors[consumer.name, shard] = Cursor(saved, saved or Checkpoint())
        self.cursors, self.shards = cursors, shards
        self.loads += 1

    async def reload(self) -> None:
        """Believe the database again: somebody else has moved checkpoints; who is behind reads alone. Under the lock."""
        self._carry.clear()
        self.reloads += 1
        await self._load(self.shards)
        for (_, shard), cursor in self.cursors.items():
            if cursor.at.offset < self.fetched.get(shard, 0):
                self._detach(cursor, "behind")

    def _level(self, shard: int) -> int:
        cursors = [self.cursors[c.name, shard] for c in self.consumers]
        if not cursors:
            return 0
        front = max(cursor.at.offset for cursor in cursors)
        for cursor in cursors:
            if cursor.at.offset < front - BEHIND or (cursor.saved is None and front > 0):
                self._detach(cursor, "behind")
        return min((c.at.offset for c in cursors if c.attached), default=front)

    def _detach(self, cursor: Cursor, trouble: str) -> None:
        cursor.attached, cursor.trouble = False, trouble
        self.detached.set()

    async def fetched_records(self, records: Sequence[RawRecord]) -> dict[int, int]:
        """A shared fetch. Where a shard must be read again (somebody else moved a checkpoint): its offset."""
        reach("runner.fetched")
        self._fetched_at = time.monotonic()
        by_shard: dict[int, list[RawRecord]] = {}
        for record in records:
            by_shard.setdefault(record.partition, []).append(record)
        async with self.lock:
            again = self._jumps(by_shard)
            try:
                await self.advance(self.consumers, by_shard, self._carry, attached=True)
            except Stale:
                await log.awarning("runner.stale", service=self.service, topic=self.topic)
                await self.reload()
                for shard in self.shards & set(by_shard):
                    self.fetched[shard] = self._level(shard)
                return {shard: self.fetched[shard] for shard in self.shards & set(by_shard)}
            for shard, found in by_shard.items():
                self.fetched[shard] = found[-1].offset + 1
        return again

    async def gather(self, fetched: int) -> None:
        """A pause after a fetch of so many records: what comes meanwhile is one fetch and one transaction."""
        if self._gathers and fetched < MUCH:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._gathers):
                    await self.hurry.wait()
        self.hurry.clear()

    def _jumps(self, by_shard: dict[int, list[RawRecord]]) -> dict[int, int]:
        """Takes out shards whose fetch begins later than the last one ended, and says where: what is between is read.
        Once: it may hold nothing, markers of a stranger's transaction perhaps."""
        again = {}
        for shard, found in list(by_shard.items()):
            expected = self.fetched.get(shard, found[0].offset)
            if shard in self.shards and found[0].offset > expected and self._jumped.get(shard) != expected:
                self._jumped[shard] = again[shard] = expected
                del by_shard[shard]
        return again

    async def advance(
        self,
        consumers: Sequence[Consumer],
        by_shard: Mapping[int, Sequence[RawRecord]],
        carry: Carry,
        *,
        attached: bool,
    ) -> None:
        """Apply a fetch for those consumers' cursors that are (not) attached. The caller holds the lock.

        When it raises Unavailable or Stale, nothing has moved and the same fetch may come again.
        """
        arrived = {}
        for shard, records in by_shard.items():
            if shard in self.shards:
                arrived[shard] = carry.get(shard, []) + await self._verified(shard, records)
        try:
            await self._work(consumers, arrived, attached)
        except Unstorable:
            # Which document it is shows when each is tried before it is written: its event is parked then.
            for consumer in consumers:
                consumer.careful = True
            await self._work(consumers, arrived, attached)
        finally:
            for consumer in consumers:
                consumer.careful = False
        for shard, found in arrived.items():
            carry[shard] = unfinished(found)
        for consumer in consumers:
            self._stop_if_too_much(consumer)

    async def _work(
        self, consumers: Sequence[Consumer], arrived: Mapping[int, Sequence[Arrived]], attached: bool
    ) -> None:
        """What verified records do to these consumers, in one transaction."""
        writes: list[Write] = []
        moves: list[tuple[Cursor, Move]] = []
        late: list[tuple[Cursor, Move]] = []
        for consumer in consumers:
            if consumer.lot.doubtful:
                await consumer.lot.load()
            effects, moved = await self._effects(consumer, arrived, attached)
            writes += effects.writes
            # A command sent again finds its first result, so its place may be saved late, unless others wait for it.
            (moves if effects.writes or (effects.sent and not self._alone) else late).extend(moved)
            if consumer.sends and moved:
                for cursor, move in moved:
                    cursor.reacted = move.after.position
                await self._tell()
        try:
            await self._save(writes, moves, late)
            for consumer in consumers:
                consumer.lot.keep()
        except (Unavailable, Stale, Unstorable):
            for consumer in consumers:
                consumer.lot.doubtful = True
            raise

    async def _verified(self, shard: int, records: Sequence[RawRecord]) -> list[Arrived]:
        good = []
        for record in records:
            try:
                found = verify(record)
            except UnknownEnvelope as error:
                self.halt({shard}, f"unknown envelope {error}")
                break
            if isinstance(found, Foreign):
                await self._keep_foreign(found)
            else:
                good.append(found)
        return good

    async def _keep_foreign(self, found: Foreign) -> None:
        raw = found.raw
        document = {"_id": f"{raw.topic}|{raw.partition}|{raw.offset}", "reason": found.reason, "record": pack(raw)}
        with suppress(AlreadyThere):
            await self.state.documents(FOREIGN).insert(document)
            reach("foreign.kept")
            self.foreign += 1
            await log.awarning("runner.foreign", topic=raw.topic, partition=raw.partition, offset=raw.offset)

    def doubt(self, shard: int, offset: int) -> None:
        """The topic may be another one now: each consumer looks for its place alone, the shared fetch goes on from
        `offset`. Under the lock."""
        self.fetched[shard] = offset
        for consumer in self.consumers:
            cursor = self.cursors[consumer.name, shard]
            if cursor.at.position and not self._is_over(cursor) and cursor.trouble not in DOUBTED:
                cursor.placed = False
                self._detach(cursor, DOUBTFUL)

    def halt(self, shards: set[int], trouble: str) -> None:
        for shard in shards & self.shards:
            for consumer in self.consumers:
                self._detach(self.cursors[consumer.name, shard], trouble)

    async def _effects(
        self, consumer: Consumer, arrived: Mapping[int, Sequence[Arrived]], attached: bool
    ) -> tuple[Effects, list[tuple[Cursor, Move]]]:
        commits: dict[int, list[list[Arrived]]] = {}
        for shard, records in arrived.items():
            cursor = self.cursors[consumer.name, shard]
            if cursor.attached != attached or self._is_over(cursor):
                continue
            if cursor.trouble in DOUBTED and not find_place(cursor, records):
                continue
            found = plan(cursor, records)
            if found.trouble is not None:
                await self._trouble(consumer, shard, cursor, found.trouble)
            elif not attached and cursor.trouble in ("gap", "retrying"):
                cursor.trouble = "behind"
            if found.commits:
                commits[shard] = found.commits
        effects = await consumer.effects(commits) if commits else Effects()
        return effects, self._moves(consumer, commits, effects)

    @staticmethod
    def _is_over(cursor: Cursor) -> bool:
        return cursor.trouble is not None and cursor.trouble not in HEALING

    async def _trouble(self, consumer: Consumer, shard: int, cursor: Cursor, trouble: str) -> None:
        if cursor.trouble != trouble:
            await log.aerror("runner.trouble", consumer=consumer.name, topic=self.topic, shard=shard, trouble=trouble)
        self._detach(cursor, trouble)

    def _moves(self, consumer: Consumer, commits: Commits, effects: Effects) -> list[tuple[Cursor, Move]]:
        moves = []
        for shard, found in commits.items():
            cursor = self.cursors[consumer.name, shard]
            done = effects.done.get(shard, 0)
            if done:
                last = found[done - 1][-1]
                after = Checkpoint(last.position, last.hash, last.raw.offset + 1)
                moves.append((cursor, Move(consumer.name, self.topic, shard, cursor.saved, after)))
            if shard in effects.stopped:
                self._detach(cursor, "retrying")
        return moves

    async def _save(
        self, writes: list[Write], moves: list[tuple[Cursor, Move]], late: list[tuple[Cursor, Move]]
    ) -> None:
        """Documents with the checkpoints of who wrote them; whom nothing concerned is moved lazily."""
        if moves:
            reach("runner.folded")
            await self.state.transact(writes, [move for _, move in moves])
            reach("runner.saved")
        for cursor, move in (*moves, *late):
            cursor.at = move.after
        for cursor, move in moves:
            cursor.saved = move.after
        if moves or late:
            await self._tell()

    async def _tell(self) -> None:
        async with self.moved:
            self.moved.notify_all()

    def _late(self) -> list[tuple[Cursor, Move]]:
        return [
            (cursor, Move(name, self.topic, shard, cursor.saved, cursor.at))
            for (name, shard), cursor in self.cursors.items()
            if cursor.at != (cursor.saved or Checkpoint())
        ]

    async def flush(self) -> None:
        """Save what was moved lazily. Under the lock."""
        if late := self._late():
            await self.state.transact([], [move for _, move in late])
            reach("runner.flushed")
            for cursor, move in late:
                cursor.saved = move.after

    async def leave(self) -> None:
        """Give the shards away, or end. What was moved lazily is saved if the store is there: who comes next begins there.
        A fetch in flight ends first; a late transaction would fail on its checkpoint anyway."""
        async with self.lock:
            with suppress(Unavailable, Stale, TimeoutError):
                async with asyncio.timeout(LEAVE_SECONDS):
                    await self.flush()
            self.shards = set()

    def _stop_if_too_much(self, consumer: Consumer) -> None:
        reason = consumer.lot.too_much
        if reason is not None:
            for shard in self.shards:
                self._detach(self.cursors[consumer.name, shard], f"stopped: {reason}")

    async def run_beside(self) -> None:
        """Save lazy checkpoints; once a second, look for what operators asked for."""
        while True:
            await asyncio.sleep(QUIET_SECONDS)
            try:
                await self._flush_and_answer()
            except (Unavailable, TimeoutError) as error:
                await log.awarning("runner.waiting", topic=self.topic, error=str(error) or "no end of a transaction")

    async def _flush_and_answer(self) -> None:
        now = time.monotonic()
        try:
            if self._late() and self._quiet(now):
                async with self.lock, asyncio.timeout(FLUSH_SECONDS):
                    await self.flush()
            if now - self._answered_at >= ANSWER_SECONDS * (1 if self._parks else SELDOM):
                self._answered_at = now
                await self.operator.answer()
        except Stale:
            await log.awarning("runner.stale", service=self.service, topic=self.topic)
            async with self.lock:
                await self.reload()

    @property
    def _parks(self) -> bool:
        return any(consumer.lot.count for consumer in self.consumers)

    @property
    def _alone(self) -> bool:
        return 0 < self._partitions == len(self.shards)

    def _quiet(self, now: float) -> bool:
        quiet = now - self._fetched_at >= QUIET_SECONDS
        if now - self._flushed_at < (LAZY_SECONDS if quiet else LAZIEST_SECONDS) * (ALONE if self._alone else 1):
            return False
        self._flushed_at = now
        return True

    def passed(self, shard: int, position: int, names: Sequence[str] | None = None) -> bool | None:
        """Whether every consumer here is at `position` of a shard; None when the shard is another process's."""
        if shard not in self.shards:
            return None
        return all(
            self.cursors[c.name, shard].at.position >= position
            for c in self.consumers
            if c.name not in self.beside and (names is None or c.name in names)
        )

    def reacted(self, shard: int, position: int) -> bool | None:
        """Whether what comes of a position stands in the logs; None when the shard is another process's."""
        if shard not in self.shards:
            return None
        cursors = [self.cursors[c.name, shard] for c in self.consumers if c.sends]
        return all(max(cursor.at.position, cursor.reacted) >= position for cursor in cursors)
