"""A process's way to a remote part. Each call takes its time, and may be lost, answered late, or carried out late."""

from asyncio import Future
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.simulation.loop import Killed

if TYPE_CHECKING:
    from tests.simulation.processes import Process

LATENCY = 0.004
SLOW = 0.4
TIMEOUT = 0.3


class Link:
    """`failure` makes the exception that a caller sees when no answer comes."""

    def __init__(self, process: "Process", part: str, failure: Callable[[], Exception]) -> None:
        self._process, self._part, self._failure = process, part, failure
        self._loop, self._world = process.loop, process.world
        self._faults = process.world.faults
        self._rate = getattr(process.world.faults.mix, part)
        self._random, self._after = process.world.random.random, process.world.scheduler.after

    def call(self, what: str, writes: bool, act: Callable[..., Any], *args: Any) -> "Future[Any]":
        """`act(*args)` happens over there at some moment between the call and its answer, unless a fault says else."""
        loop, random, after, world = self._loop, self._random, self._after, self._world
        if loop.dead:
            raise Killed
        answer = loop.create_future()
        fault = self._faults.draw(self._part, self._rate, writes, world.scheduler.now)
        if world.trace is not None:
            world.say(self._process.name, f"{self._part} {what}" + (f" [{fault}]" if fault else ""))
        if fault is None:
            # The moment is either the call's or the answer's: all interleavings with others, and one event fewer.
            roll = random()
            if roll < 0.5:
                after(LATENCY * roll, _answer, answer, _outcome(act, args), loop=loop)
            else:
                after(LATENCY * (roll - 0.5), _act_and_answer, world, loop, answer, act, args)
        elif fault == "slow":
            after(SLOW * random(), _act_and_answer, world, loop, answer, act, args)
        elif fault == "refused":
            after(LATENCY * random(), _answer, answer, (False, self._failure()), loop=loop)
        elif fault == "lost request":
            after(TIMEOUT * random(), _answer, answer, (False, self._failure()), loop=loop)
        else:
            known = TIMEOUT * random()
            when = known * random() if fault == "lost answer" else known + SLOW * random()
            after(when, _outcome, act, args)
            after(known, _answer, answer, (False, self._failure()), loop=loop)
        return answer


def _outcome(act: Callable[..., Any], args: tuple[Any, ...]) -> tuple[bool, Any]:
    try:
        return True, act(*args)
    except Exception as error:  # noqa: BLE001 - carried to the caller
        return False, error


def _act_and_answer(
    world: Any, loop: Any, answer: "Future[Any]", act: Callable[..., Any], args: tuple[Any, ...]
) -> None:
    outcome = _outcome(act, args)
    if not loop.dead:
        if loop.stalled_until > world.scheduler.now:
            world.scheduler.after(loop.stalled_until - world.scheduler.now, _answer, answer, outcome, loop=loop)
        else:
            _answer(answer, outcome)


def _answer(answer: "Future[Any]", outcome: tuple[bool, Any]) -> None:
    if not answer.done():
        good, value = outcome
        if good:
            answer.set_result(value)
        else:
            answer.set_exception(value)
