"""Callers: they send commands, lose answers, repeat, send one twice at once, and hold the platform to its word."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from libs.events.batch import Decided
from libs.events.contracts.actors import Actor
from libs.events.contracts.times import instant
from libs.events.decider import Command
from libs.events.errors import KeyReused, Refused, TooLarge, Transient, Unavailable, VersionMismatch
from tests.simulation.domain import LIMIT, TITLES, Clear, Post
from tests.simulation.loop import ProcessLoop
from tests.simulation.processes import EPOCH_MS

if TYPE_CHECKING:
    from tests.simulation.world import World

ACTOR = Actor("account", "acc")
PATIENCE = 0.6
MOST_ATTEMPTS = 40


class Call:
    """One command on behalf of somebody; `attempts` end as `accepted`, `unchanged`, a refusal's name, or `unknown`."""

    def __init__(self, number: int, command: Command, canonical: str, expected: int | None) -> None:
        self.number, self.command, self.canonical, self.expected = number, command, canonical, expected
        self.service = "notifications"
        self.at = 0.0
        self.twice = self.gives_up = self.repeats = self.other_request = False
        self.outcomes: list[str] = []


class Callers:
    """All of them, on one loop of their own that never dies."""

    def __init__(self, world: "World") -> None:
        self._world, self._random = world, world.random
        self._loop = ProcessLoop(world.scheduler, "callers", None)
        self.calls = [self._draw(n) for n in range(1, 1 + self._random.randint(4, 10))]
        self.busy = len(self.calls)
        self.acknowledged = 0
        self.clock = 0

    @property
    def loop(self) -> ProcessLoop:
        return self._loop

    def _draw(self, number: int) -> Call:
        random = self._random
        key, name = f"k{random.randint(1, self._world.keys)}", random.choice("ab")
        at = random.random() * self._world.storm
        when = instant(EPOCH_MS + int(at * 1000))
        id = f"{number:06d}{self._world.seed:026d}"
        command: Command
        if random.random() < 0.25:
            command = Clear(id, when, ACTOR, key, name)
        else:
            # No rule is made of what is read here: a read may be old when its commit is inserted.
            looks_at = f"message-{key}-{'b' if name == 'a' else 'a'}" if random.random() < 0.2 else ""
            command = Post(id, when, ACTOR, key, name, random.randint(1, LIMIT - 1), random.choice(TITLES), looks_at)
        call = Call(number, command, f"{type(command).__name__} {number}", random.choice((None, None, None, 0, 2)))
        call.at = at
        call.twice, call.gives_up, call.repeats = random.random() < 0.15, random.random() < 0.2, random.random() < 0.3
        call.other_request = random.random() < 0.05
        return call

    def start(self) -> None:
        for call in self.calls:
            self._loop.create_task(self._carry_out(call)).add_done_callback(self._ended)

    def _ended(self, task: Any) -> None:
        self.busy -= 1
        if task.exception() is not None:
            self._world.fail(f"a caller broke: {task.exception()!r}")

    async def _carry_out(self, call: Call) -> None:
        await asyncio.sleep(call.at)
        if call.twice:
            await asyncio.gather(self._until_known(call), self._until_known(call))
        else:
            await self._until_known(call)
        if call.repeats:
            await asyncio.sleep(0.6 * self._random.random())
            await self._until_known(call)
        if call.other_request and "accepted" in call.outcomes:
            await self._other_request(call)

    async def _until_known(self, call: Call) -> None:
        for _ in range(MOST_ATTEMPTS):
            outcome = await self._attempt(call, call.canonical)
            call.outcomes.append(outcome)
            if outcome != "unknown" or call.gives_up:
                return
            await asyncio.sleep(0.05 + 0.3 * self._random.random())
        self._world.fail(f"{call.command.id} got no answer in {MOST_ATTEMPTS} attempts")

    async def _other_request(self, call: Call) -> None:
        """The same key with another request is never answered with this one's result."""
        for _ in range(MOST_ATTEMPTS):
            outcome = await self._attempt(call, "something else")
            if outcome != "unknown":
                if outcome != "KeyReused":
                    self._world.fail(f"{call.command.id} was reused for another request, and the answer was {outcome}")
                return
            await asyncio.sleep(0.2)

    async def _attempt(self, call: Call, canonical: str) -> str:
        world = self._world
        history = world.checks.history
        since = history.commits_of(call.command.stream)
        there = call.command.id in world.databases[call.service].by_id
        # The edge says when a request came: each attempt has a time of its own.
        command = msgspec.structs.replace(
            call.command, received_at=instant(EPOCH_MS) + timedelta(seconds=round(world.scheduler.now, 3))
        )
        outcome = await self._send(call, command, canonical)
        name = _name(outcome)
        if world.trace is not None:
            world.say("caller", f"{call.command.id[:6]} {type(command).__name__} {call.command.stream}: {name}")
        if isinstance(outcome, Decided) and outcome.commit is not None:
            self.acknowledged += 1
            self.clock = max(self.clock, int(outcome.commit.clock, 16))
            world.checks.answered(call, outcome)
            if canonical != call.canonical:
                return "accepted"
        elif name == "KeyReused" and canonical == call.canonical:
            world.fail(f"{call.command.id} is said to be reused, and is not")
        elif name not in ("unknown", "KeyReused") and canonical == call.canonical:
            if there:
                world.fail(f"{call.command.id} was answered {name} although it had long been accepted")
            elif not history.justified(call.service, command, call.expected, since, name):
                world.fail(f"{call.command.id} was answered {name}; no state of its stream says so")
        return name

    async def _send(self, call: Call, command: Command, canonical: str) -> Any:
        """One request to one process over a network that may lose it or its answer."""
        world, random = self._world, self._random.random
        answer = self._loop.create_future()
        world.scheduler.after(PATIENCE, _settle, answer, Unavailable("no answer in time"), loop=self._loop)
        process = world.process_for(call.service)
        if process is None:
            return await answer
        if world.faults.stormy and random() < world.faults.mix.network / 2:
            world.faults.counts["network: lost request"] += 1
            return await answer
        lost = world.faults.stormy and random() < world.faults.mix.network / 2
        if lost:
            world.faults.counts["network: lost answer"] += 1
        options = {"canonical": canonical, "expected": call.expected, "caller_clock": self.clock}
        reply = None if lost else answer
        world.scheduler.after(0.002 * random(), process.receive, command, options, reply, loop=process.loop)
        return await answer

    def reply(self, answer: Any, outcome: Any) -> None:
        if answer is not None:
            self._world.scheduler.after(0.002 * self._random.random(), _settle, answer, outcome, loop=self._loop)

    def at_the_end(self) -> None:
        """What was acknowledged is there; what was only ever refused is not."""
        for call in self.calls:
            there = call.command.id in self._world.databases[call.service].by_id
            outcomes = set(call.outcomes)
            if "accepted" in outcomes and not there:
                self._world.fail(f"{call.command.id} was acknowledged and is not in the log")
            if there and outcomes and not outcomes & {"accepted", "unknown"}:
                self._world.fail(f"{call.command.id} was answered {sorted(outcomes)} only, and is in the log")
            if there and outcomes - {"accepted", "unknown"}:
                # Refusals are not recorded: a repeat is decided anew, and an attempt without an answer may still land.
                kind = (
                    "accepted when repeated" if "accepted" in outcomes else "landed from an attempt without an answer"
                )
                self._world.faults.counts[f"met: refused, {kind}"] += 1


def _settle(answer: Any, outcome: Any) -> None:
    if not answer.done():
        answer.set_result(outcome)


def _name(outcome: Any) -> str:
    if isinstance(outcome, Decided):
        return "unchanged" if outcome.commit is None else "accepted"
    if isinstance(outcome, Refused | VersionMismatch | KeyReused | TooLarge):
        return type(outcome).__name__
    return "unknown" if isinstance(outcome, Transient) else f"defect {outcome!r}"
