"""Reserving values for somebody: a small process of two steps, undone when the second fails."""

from collections.abc import Sequence

from libs.events.contracts.times import time_text
from libs.events.ids import make_id
from libs.events.runtime import Runtime
from services.identity.domain.reservations.commands import (
    ReleaseReservation,
    ReserveValue,
    What,
    reservation_stream,
)
from services.identity.domain.reservations.decide import decider as reservations
from services.identity.domain.reservations.refusals import ValueTaken
from services.identity.domain.reservations.state import ReservationState

Value = tuple[What, str]


async def holder(runtime: Runtime, what: What, index: str) -> str:
    """Who holds a value now; empty when nobody does. Always current."""
    state: ReservationState = (await runtime.state(reservations, reservation_stream(index, what))).state
    return state.holder_at(runtime.business.now())


async def is_free(runtime: Runtime, what: What, index: str, for_: str = "") -> bool:
    return await holder(runtime, what, index) in ("", for_)


async def hold(runtime: Runtime, holder_: str, values: Sequence[Value]) -> None:
    """Reserve every value or none. Raises ValueTaken with `what` among its facts."""
    held: list[Value] = []
    try:
        for what, index in values:
            now = runtime.business.now()
            id_ = make_id("reserve", what, index, holder_, time_text(now))
            await runtime.handle(ReserveValue(id_, now, runtime.actor, what, index, holder_))
            held.append((what, index))
    except ValueTaken:
        for what, index in held:
            await release(runtime, holder_, what, index, "another value was taken")
        raise


async def release(runtime: Runtime, holder_: str, what: What, index: str, reason: str) -> None:
    """Free a value; nothing happens when somebody else has it."""
    now = runtime.business.now()
    id_ = make_id("release", what, index, holder_, time_text(now))
    await runtime.handle(ReleaseReservation(id_, now, runtime.actor, what, index, holder_, reason))
