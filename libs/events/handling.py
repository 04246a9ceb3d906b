"""Handling a command: first result, fold, decide, append. One writer task per shard and process, group commit."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from libs.events import trace
from libs.events.batch import Batch, Decided, Decision, Order, fail, succeed
from libs.events.clock import Wall, next_clock
from libs.events.codec import decode
from libs.events.contracts.actors import actor_text
from libs.events.contracts.times import instant, parse_time, time_text
from libs.events.decider import Command, Decider
from libs.events.envelope import ENVELOPE, Commit, StoredEvent, chained
from libs.events.errors import KeyReused, Transient, Unavailable
from libs.events.fingerprint import Fingerprints
from libs.events.names import category_of, partition_key_of, shard_of
from libs.events.points import reach
from libs.events.policies import PolicyIndex
from libs.events.recorded import Recorded
from libs.events.states import Folded, States
from libs.events.store.ports import CommitStore, Head, Meta

LARGEST_BATCH = 50
MOST_RACES = 20


class Handler:
    """Every command of one service in one process."""

    def __init__(
        self,
        service: str,
        aggregates: Sequence[Decider[Any]],
        store: CommitStore,
        meta: Meta,
        policies: PolicyIndex,
        wall: Wall,
        fingerprints: Fingerprints,
        on_commit: Callable[[Commit], None] = lambda _: None,
    ) -> None:
        self.service, self.store, self.meta, self.policies = service, store, meta, policies
        self.wall, self.fingerprints, self.on_commit = wall, fingerprints, on_commit
        self.source = f"/tidu/{meta.deployment}/{meta.generation}/{service}"
        self._deciders = {decider.category: decider for decider in aggregates}
        self._writers: dict[int, ShardWriter] = {}
        self.states = States()
        self.gate: Callable[[], None] = lambda: None

    def decider(self, stream: str) -> Decider[Any]:
        return self._deciders[category_of(stream)]

    def shard(self, stream: str) -> int:
        return shard_of(partition_key_of(stream), self.meta.shards)

    async def handle(
        self,
        command: Command,
        *,
        canonical: str | None = None,
        expected: int | None = None,
        cause: Recorded[Any] | None = None,
        caller_clock: int = 0,
        traceparent: str | None = None,
    ) -> Decided:
        """The command's commit, or the first one's when it came before. Raises Refused, Conflict, Transient, TooLarge."""
        self.gate()
        stream = command.stream
        order = Order(
            command,
            canonical,
            expected,
            cause,
            caller_clock,
            trace.child_of(traceparent or (cause.traceparent if cause else None)),
            asyncio.get_running_loop().create_future(),
            stream,
        )
        shard = self.shard(stream)
        writer = self._writers.get(shard)
        if writer is None:
            writer = self._writers[shard] = ShardWriter(self, shard)
        writer.put(order)
        return await order.answer

    async def fold(self, stream: str, decider: Decider[Any] | None = None, as_of: str | None = None) -> Folded:
        """A stream's state, current as of now; `as_of` (ISO time): from the commits recorded until then."""
        own = self._deciders.get(category_of(stream))
        if as_of is None and own is not None and (decider is None or decider is own):
            return (await self.newer(stream, self.states.get(stream)))[0]
        commits = await self.store.read_stream(self.shard(stream), stream)
        kept = [commit for commit in commits if as_of is None or commit.recorded_at <= as_of]
        return _folded(decider or self.decider(stream), None, kept)

    async def newer(self, stream: str, known: Folded | None) -> tuple[Folded, Sequence[Commit]]:
        """The state as of now, from a known one on; and the commits that are newer than that."""
        commits = await self.store.read_stream(self.shard(stream), stream, known.version if known else 0)
        folded = _folded(self.decider(stream), known, commits)
        self.states.put(stream, folded)
        return folded, commits

    async def close(self) -> None:
        for writer in self._writers.values():
            await writer.close()


def _folded(decider: Decider[Any], known: Folded | None, commits: Sequence[Commit]) -> Folded:
    if not commits:
        return known or Folded(decider.initial(), 0, 0)
    decoded = (decode(stored.type, stored.body) for commit in commits for stored in commit.events)
    state = decider.fold((event for event in decoded if event is not None), known.state if known else msgspec.UNSET)
    return Folded(state, commits[-1].last_version, int(commits[-1].clock, 16))


class ShardWriter:
    """Decides queued commands one after another and inserts them in one ordered batch; one insert in flight."""

    def __init__(self, handler: Handler, shard: int) -> None:
        self.handler, self.shard = handler, shard
        self._queue: asyncio.Queue[Order] = asyncio.Queue()
        self._head: Head | None = None
        self._task = asyncio.create_task(self._run(), name=f"writer-{handler.service}-{shard}")

    def put(self, order: Order) -> None:
        self._queue.put_nowait(order)

    async def close(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        while not self._queue.empty():
            fail(self._queue.get_nowait(), Unavailable("this process is stopping"))

    async def _run(self) -> None:
        while True:
            orders = [await self._queue.get()]
            while not self._queue.empty() and len(orders) < LARGEST_BATCH:
                orders.append(self._queue.get_nowait())
            try:
                await self._work(orders)
            except asyncio.CancelledError:
                for order in orders:
                    fail(order, Unavailable("this process is stopping"))
                raise
            except Exception as error:  # noqa: BLE001 - no caller may wait for ever
                # Whatever went wrong, no caller may wait for ever; the head is read again before the next insert.
                self._head = None
                for order in orders:
                    fail(order, error)

    async def _work(self, orders: list[Order]) -> None:
        """Where a stream's state is known, decide on it at once: if that leads to an insert, the insert finds out whether
        it was right. What leads to anything else, or was wrong, is looked at anew before it is answered."""
        quick = {id(order) for order in orders if self._may_be_known(order)}
        while orders:
            orders = [order for order in orders if not order.answer.done()]
            # Known before the look-up: whatever is written after it, by whomever, is among the newer commits.
            batch = Batch(self.handler, {order.stream: self.handler.states.get(order.stream) for order in orders})
            known = await self._look_up(batch, [order for order in orders if id(order) not in quick])
            for order in orders:
                if id(order) in quick:
                    await batch.decide_on_what_is_known(order)
                    continue
                first = known.get(order.command.id) or await batch.decide(order)
                if first is not None:
                    self._answer_first(order, first)
            orders = [*await self._insert(batch), *batch.doubtful]
            quick = set()

    def _may_be_known(self, order: Order) -> bool:
        begins = order.command.begins and order.cause is not None
        return begins or self.handler.states.get(order.stream) is not None

    async def _look_up(self, batch: Batch, orders: Sequence[Order]) -> dict[str, Commit]:
        """First results by command id; and, beside that, the states that will be asked for."""
        if not orders:
            return {}
        ids = {order.command.id for order in orders}
        streams = {stream for order in orders for stream in (order.stream, *order.command.reads)}
        finding = asyncio.ensure_future(self.handler.store.find(list(ids)))
        await asyncio.gather(finding, *map(batch.look, streams))
        return finding.result()

    def _answer_first(self, order: Order, first: Commit) -> None:
        if not self.handler.fingerprints.matches(first.fingerprint, order.canonical):
            fail(order, KeyReused("the same Idempotency-Key came with another request"))
        else:
            succeed(order, Decided(first, first.stream, first.last_version, repeated=True))

    async def _insert(self, batch: "Batch") -> list[Order]:
        """Insert what was decided; the orders that must be decided again."""
        decisions = batch.decisions
        while decisions:
            head = self._head or await self.handler.store.head(self.shard)
            commits = self._build(head, decisions)
            reach("append.decided")
            try:
                taken = await self.handler.store.append(commits)
                reach("append.inserted")
            except Unavailable as error:
                await self._settle_unknown(decisions, error)
                batch.fail_the_rest(error)
                return []
            stood = len(commits) if taken is None else taken.index
            for decision, commit in zip(decisions[:stood], commits, strict=False):
                self._settle(decision, commit)
            if stood:
                last = commits[stood - 1]
                self._head = Head(last.last_position, last.hash, int(last.clock, 16), last.recorded_at)
            if taken is None:
                break
            self._head = None
            decisions = decisions[stood:]
            loser = decisions[0].order
            loser.races += 1
            if loser.races > MOST_RACES:
                fail(loser, Transient("too many writers at once", retry_after=1))
                return batch.again_from(decisions[0])
            if taken.key != "position" or await self.handler.store.find([loser.command.id]):
                return batch.again_from(decisions[0])
        batch.answer_the_rest()
        return []

    def _build(self, head: Head, decisions: list[Decision]) -> list[Commit]:
        commits = []
        for decision in decisions:
            commit = self._commit(head, decision)
            commits.append(commit)
            head = Head(commit.last_position, commit.hash, int(commit.clock, 16), commit.recorded_at)
        return commits

    def _commit(self, head: Head, decision: Decision) -> Commit:
        order, command, wall = decision.order, decision.order.command, self.handler.wall()
        clock = next_clock(wall, head.clock, decision.clock, caller=order.caller_clock)
        now = instant(wall)
        recorded = max(now, parse_time(head.recorded_at)) if head.recorded_at else now
        events = [
            StoredEvent(f"{command.id}.{n}", type_, body, "")
            for n, (type_, body) in enumerate(decision.events, start=1)
        ]
        return chained(
            Commit(
                id=command.id,
                fingerprint=self.handler.fingerprints.of(order.canonical),
                envelope=ENVELOPE,
                source=self.handler.source,
                partition_key=partition_key_of(order.stream),
                shard=self.shard,
                position=head.position + 1,
                last_position=head.position + len(events),
                stream=order.stream,
                version=decision.version + 1,
                last_version=decision.version + len(events),
                reads=decision.reads,
                recorded_at=time_text(recorded),
                clock=f"{clock:016x}",
                actor=actor_text(command.actor),
                correlation_id=order.cause.correlation_id if order.cause else command.id,
                causation_id=order.cause.id if order.cause else command.id,
                traceparent=order.traceparent,
                events=events,
                previous_hash=head.hash,
                hash="",
            )
        )

    def _settle(self, decision: Decision, commit: Commit) -> None:
        self.handler.states.put(commit.stream, Folded(decision.state, commit.last_version, int(commit.clock, 16)))
        # Who waits is answered first: what is woken by a commit, relay and readers, has its turn after them.
        succeed(decision.order, Decided(commit, commit.stream, commit.last_version))
        for share in decision.shares:
            self._answer_first(share, commit)
        self.handler.on_commit(commit)

    async def _settle_unknown(self, decisions: list[Decision], error: Unavailable) -> None:
        """A time-out or failover: what is there with majority stands, the rest may be repeated by its caller."""
        self._head = None
        found: dict[str, Commit] = {}
        with suppress(Unavailable):
            found = await self.handler.store.find([d.order.command.id for d in decisions])
        for decision in decisions:
            commit = found.get(decision.order.command.id)
            if commit is not None:
                self.handler.on_commit(commit)
            for order in (decision.order, *decision.shares):
                if commit is not None:
                    # Perhaps of long ago: what was decided on what is known had not looked for a first result.
                    self._answer_first(order, commit)
                else:
                    fail(order, error)
