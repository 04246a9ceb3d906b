"""Commands decided one after another on the running state of one shard, before anything is inserted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from libs.events.codec import decode, encode
from libs.events.contracts.base import Event
from libs.events.decider import Command, Facts
from libs.events.envelope import MOST_EVENTS, Commit
from libs.events.errors import Poison, Refused, TooLarge, Unavailable, VersionMismatch
from libs.events.recorded import Recorded
from libs.events.states import Folded

if TYPE_CHECKING:
    from libs.events.handling import Handler

LARGEST_COMMIT = 256 * 1024


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
    answer: asyncio.Future[Decided]
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
        try:
            known = self._running.get(order.stream) or self._known[order.stream] or self._new(order.stream)
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

    async def look(self, stream: str) -> None:
        """Fold a stream before it is asked for; what is wrong with it is said to who asks. Raises Unavailable."""
        try:
            await self._folded(stream)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - it would fail the whole batch here
            self._running.pop(stream, None)

    def _new(self, stream: str) -> Folded:
        return Folded(self._handler.decider(stream).initial(), 0, 0)

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
        reads = await self._all_folded(command.reads)
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
        found, newer = await self._handler.newer(stream, known)
        # Several are looked at side by side: what was decided on meanwhile is newer than what was found.
        if stream not in self._running:
            self._running[stream] = found
            self._read[stream] = {commit.id: commit for commit in newer}
        return self._running[stream]

    async def _all_folded(self, streams: Sequence[str]) -> dict[str, Folded]:
        return dict(zip(streams, await asyncio.gather(*map(self._folded, streams)), strict=True))

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
            fail(order, error)

    def _deliver(self, until: int) -> None:
        for n, order, answer in self._answers:
            if n <= until:
                if isinstance(answer, Exception):
                    fail(order, answer)
                else:
                    succeed(order, answer)


def succeed(order: Order, decided: Decided) -> None:
    if not order.answer.done():
        order.answer.set_result(decided)


def fail(order: Order, error: Exception) -> None:
    if not order.answer.done():
        order.answer.set_exception(error)
