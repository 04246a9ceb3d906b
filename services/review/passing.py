"""Beside the service: what an official held when their office was handed over passes to the successor, case by case."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import structlog

from libs.events.claims import claimed
from libs.events.contracts.times import time_text
from libs.events.errors import Conflict, Transient
from libs.events.ids import make_id
from libs.events.runtime import Runtime
from libs.events.web.principals import LONGEST_SECONDS
from services.review import queries
from services.review.domain import successions
from services.review.domain.case.commands import PassCase
from services.review.domain.successions.commands import CompleteSuccession
from services.review.domain.successions.state import Succession, SuccessionState
from services.review.projections.officer_queue import NAME as QUEUE
from services.review.projections.successions import NAME as SUCCESSIONS

log = structlog.get_logger("passing")
EVERY_SECONDS, CLAIM_MS, AT_ONCE = 3.0, 2_000, 200
LATE = timedelta(seconds=LONGEST_SECONDS)
"""So long after the hand-over may a token of the predecessor's still be good for a process that has not heard of it."""


async def pass_cases(runtime: Runtime) -> None:
    """For ever."""
    while True:
        try:
            await pass_once(runtime)
        except (Transient, Conflict) as error:
            await log.awarning("passing.waiting", error=str(error))
        await asyncio.sleep(EVERY_SECONDS)


async def pass_once(runtime: Runtime) -> int:
    """How many cases have passed to a successor."""
    passed = 0
    for document in await runtime.view(SUCCESSIONS).find({"open": True}, sort=("succession",), limit=AT_ONCE):
        stream = document["succession"]
        if await claimed(runtime.documents("leases"), stream, runtime.wall(), CLAIM_MS):
            state: SuccessionState = (await runtime.state(successions.decider, stream)).state
            passed += sum([await _succeed(runtime, state, one) for one in state.pending])
    return passed


async def _unless_defect(work: Awaitable[bool], case: str) -> bool:
    """One case's defect must not keep all the others from passing; it is tried again as long as the predecessor has it."""
    try:
        return await work
    except (Transient, Conflict):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the loop beside the service goes on
        await log.aerror("passing.defect", case=case, error=repr(error))
        return False


async def _succeed(runtime: Runtime, state: SuccessionState, one: Succession) -> int:
    """Done only when no token of the predecessor's is good any more and the queue has shown that nothing is left."""
    last = state.last_of(one)
    passed = 0 if last is None else await _pass(runtime, one, last)
    if runtime.business.now() <= one.at + LATE:
        return passed
    await _caught_up(runtime)
    if last is None or not await runtime.view(QUEUE).count(queries.held_by(one.official, one.office, _until(one))):
        await runtime.handle(
            CompleteSuccession(
                make_id("succession-completed", one.hand_over), runtime.business.now(), runtime.actor, one.office,
                one.hand_over,
            )
        )  # fmt: skip
    return passed


async def _pass(runtime: Runtime, one: Succession, last: Succession) -> int:
    """One command for each case that the queue shows with the predecessor; what it shows too late decides nothing."""
    held = queries.held_by(one.official, one.office, _until(one))
    passed = 0
    for case in await runtime.view(QUEUE).find(held, sort=("since",), limit=AT_ONCE):
        command = PassCase(
            make_id("case-passed", one.hand_over, case["application"], case["since"]), runtime.business.now(),
            runtime.actor, case["enterprise"], case["application"], one.official, last.successor, one.office,
            one.at + LATE, last.hand_over, last.document,
        )  # fmt: skip
        passed += await _unless_defect(_handled(runtime, command), case["application"])
    return passed


async def _handled(runtime: Runtime, command: PassCase) -> bool:
    """Whether the case has passed by this command, now."""
    decided = await runtime.handle(command)
    return decided.commit is not None and not decided.repeated


def _until(one: Succession) -> str:
    return time_text(one.at + LATE)


async def _caught_up(runtime: Runtime) -> None:
    """Until the queue has all that is in the log by now. Raises NotYetVisible."""
    for shard in range(runtime.settings.shards):
        head = await runtime.store.head(shard)
        await runtime.read_after(runtime.service.name, shard, head.position)
