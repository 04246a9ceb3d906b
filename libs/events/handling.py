"""Handling a command: first result, fold, decide, append. One writer task per shard and process, group commit."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec

from libs.events import trace
from libs.events.clock import Wall, next_clock
from libs.events.codec import decode, encode
from libs.events.contracts.actors import actor_text
from libs.events.contracts.base import Event
from libs.events.contracts.times import instant, parse_time, time_text
from libs.events.decider import Command, Decider, Facts
from libs.events.envelope import ENVELOPE, Commit, StoredEvent, chained
from libs.events.errors import KeyReused, Poison, Refused, TooLarge, Transient, Unavailable, VersionMismatch
from libs.events.fingerprint import Fingerprints
from libs.events.names import category_of, partition_key_of, shard_of
from libs.events.points import reach
from libs.events.policies import PolicyIndex
from libs.events.recorded import Recorded
from libs.events.states import Folded, States
from libs.events.store.ports import CommitStore, Head, Meta

LARGEST_COMMIT = 256 * 1024
MOST_EVENTS = 256
LARGEST_BATCH = 50
MOST_RACES = 20


class Decided(msgspec.Struct, frozen=True):
    """The answer to a command: its commit (None when nothing had to happen) and the stream's version after it."""

    commit: Commit | None
    stream: str
    version: int
    repeated: bool = False


@dataclass
class Order:
    """A command on its way through a shard's writer. `canonical` is what is fingerprinted, None for reactions."""

    command: Command
    canonical: str | None
    expected: int | None
    cause: Recorded[Any] | None
    caller_clock: int
    traceparent: str
    answer: "asyncio.Future[Decided]"
    stream: str
    races: int = 0


@dataclass
class Decision:
    """What an order decided on the running state, not yet inserted: `state` is what it leads to; `shares` wait for the
    same command id."""

    order: Order
    events: list[tuple[str, str]]
    state: Any
    version: int
    reads: list[tuple[str, int]]
    clock: int
    shares: list[Order] = field(default_factory=list)


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
            _fail(self._queue.get_nowait(), Unavailable("this process is stopping"))

    async def _run(self) -> None:
        while True:
            orders = [await self._queue.get()]
            while not self._queue.empty() and len(orders) < LARGEST_BATCH:
                orders.append(self._queue.get_nowait())
            try:
                await self._work(orders)
            except asyncio.CancelledError:
                for order in orders:
                    _fail(order, Unavailable("this process is stopping"))
                raise
            except Exception as error:  # noqa: BLE001 - no caller may wait for ever
                # Whatever went wrong, no caller may wait for ever; the head is read again before the next insert.
                self._head = None
                for order in orders:
                    _fail(order, error)

    async def _work(self, orders: list[Order]) -> None:
        """Where a stream's state is known, decide on it at once: if that leads to an insert, the insert finds out whether
        it was right. What leads to anything else, or was wrong, is looked at anew before it is answered."""
        quick = {id(order) for order in orders if self.handler.states.get(order.stream) is not None}
        while orders:
            orders = [order for order in orders if not order.answer.done()]
            # Known before the look-up: whatever is written after it, by whomever, is among the newer commits.
            batch = Batch(self.handler, {order.stream: self.handler.states.get(order.stream) for order in orders})
            looked_up = list({order.command.id for order in orders if id(order) not in quick})
            known = await self.handler.store.find(looked_up) if looked_up else {}
            for order in orders:
                if id(order) in quick:
                    await batch.decide_on_what_is_known(order)
                    continue
                first = known.get(order.command.id) or await batch.decide(order)
                if first is not None:
                    self._answer_first(order, first)
            orders = [*await self._insert(batch), *batch.doubtful]
            quick = set()

    def _answer_first(self, order: Order, first: Commit) -> None:
        if not self.handler.fingerprints.matches(first.fingerprint, order.canonical):
            _fail(order, KeyReused("the same Idempotency-Key came with another request"))
        else:
            _succeed(order, Decided(first, first.stream, first.last_version, repeated=True))

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
                _fail(loser, Transient("too many writers at once", retry_after=1))
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
        self.handler.on_commit(commit)
        decided = Decided(commit, commit.stream, commit.last_version)
        _succeed(decision.order, decided)
        for share in decision.shares:
            self._answer_first(share, commit)

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
                    _fail(order, error)


class Batch:
    """Orders decided one after another on the running state of one shard."""

    def __init__(self, handler: Handler, known: Mapping[str, Folded | None]) -> None:
        self._handler, self._known = handler, known
        self.decisions: list[Decision] = []
        self.doubtful: list[Order] = []
        self._answers: list[tuple[int, Order, Decided | Exception]] = []
        self._running: dict[str, Folded] = {}
        self._read: dict[str, dict[str, Commit]] = {}

    async def decide_on_what_is_known(self, order: Order) -> None:
        """Decide on the known state of the order's stream; unless that leads to an insert it is doubtful."""
        if self._shared(order):
            return
        known = self._running.get(order.stream) or self._known[order.stream]
        assert known is not None
        try:
            decided = await self._decide(order, known)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, it is said after another look
            decided = False
        if not decided:
            self.doubtful.append(order)

    async def decide(self, order: Order) -> Commit | None:
        """Decide; or the command's commit, if another process has inserted it since it was looked up."""
        if self._shared(order):
            return None
        try:
            now = await self._folded(order.stream)
            first = self._read[order.stream].get(order.command.id)
            if first is not None:
                # Its own effect must not refuse it.
                return first
            if not await self._decide(order, now):
                self._answers.append((len(self.decisions), order, Decided(None, order.stream, now.version)))
        except (Refused, VersionMismatch, TooLarge, Poison) as answer:
            self._answers.append((len(self.decisions), order, answer))
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - a defect in a rule is this caller's failure, not the whole batch's
            self._answers.append((len(self.decisions), order, error))
        return None

    def _shared(self, order: Order) -> bool:
        for decision in self.decisions:
            if decision.order.command.id == order.command.id:
                decision.shares.append(order)
                return True
        return False

    async def _decide(self, order: Order, now: Folded) -> bool:
        """Whether there is something to insert."""
        command, stream = order.command, order.stream
        decider = self._handler.decider(stream)
        if order.expected is not None and order.expected != now.version:
            raise VersionMismatch(order.expected, now.version)
        reads = {name: await self._folded(name) for name in command.reads}
        facts = Facts({name: f.state for name, f in reads.items()}, self._handler.policies.at(command.received_at))
        events = decider.decide(command, now.state, facts)
        if not events:
            if order.cause is not None and not command.empty_is_fine:
                raise Poison(f"{type(command).__name__} decided nothing for {order.cause.id}")
            return False
        encoded, events = self._encoded(events)
        clock = max([now.clock, order.cause.clock if order.cause else 0, *(f.clock for f in reads.values())])
        state = now.state
        for event in events:
            state = decider.evolve(state, event)
        self._running[stream] = Folded(state, now.version + len(events), now.clock)
        seen = [(name, folded.version) for name, folded in reads.items()]
        self.decisions.append(Decision(order, encoded, state, now.version, seen, clock))
        return True

    def _encoded(self, events: list[Event]) -> tuple[list[tuple[str, str]], list[Event]]:
        """The exact bodies, and the events as every reader will decode them. Raises Poison for what none could."""
        encoded = [encode(self._handler.service, event) for event in events]
        readable = [event for type_, body in encoded if (event := decode(type_, body)) is not None]
        size = sum(len(type_) + len(body.encode()) + 256 for type_, body in encoded) + 2048
        if size > LARGEST_COMMIT or len(events) > MOST_EVENTS:
            raise TooLarge(
                f"a commit of {size} bytes and {len(events)} events; the limits are {LARGEST_COMMIT} and {MOST_EVENTS}"
            )
        return encoded, readable

    async def _folded(self, stream: str) -> Folded:
        """As of now, with what this batch has decided so far."""
        decided = self._running.get(stream)
        if decided is not None:
            return decided
        known = self._known[stream] if stream in self._known else self._handler.states.get(stream)
        self._running[stream], newer = await self._handler.newer(stream, known)
        self._read[stream] = {commit.id: commit for commit in newer}
        return self._running[stream]

    def again_from(self, decision: Decision) -> list[Order]:
        """Answer what rests on earlier decisions only; everything from `decision` on is decided again."""
        index = self.decisions.index(decision)
        self._deliver(index)
        orders = [o for d in self.decisions[index:] for o in (d.order, *d.shares)]
        orders += [order for n, order, _ in self._answers if n > index]
        return orders

    def answer_the_rest(self) -> None:
        self._deliver(len(self.decisions))

    def fail_the_rest(self, error: Exception) -> None:
        """What was decided on commits that may not exist is not an answer."""
        for _, order, _ in self._answers:
            _fail(order, error)

    def _deliver(self, until: int) -> None:
        for n, order, answer in self._answers:
            if n <= until:
                if isinstance(answer, Exception):
                    _fail(order, answer)
                else:
                    _succeed(order, answer)


def _succeed(order: Order, decided: Decided) -> None:
    if not order.answer.done():
        order.answer.set_result(decided)


def _fail(order: Order, error: Exception) -> None:
    if not order.answer.done():
        order.answer.set_exception(error)
