"""Builds that nobody reads any more are deleted by hand: documents, checkpoints, parked records."""

from libs.events.flow.live import DROPPING, FEEDING, LEFT, LIVE, Build, Pointer, Pointers, in_state, now, without
from libs.events.flow.parking import COLLECTION as PARKED
from libs.events.flow.projections import Projection
from libs.events.points import reach
from libs.events.store.ports import StateStore

QUIET_SECONDS = 30.0


class NotDroppable(Exception):
    """The build is read, or may still be, or there is none such."""


def droppable(pointer: Pointer) -> list[Build]:
    """Builds that were left, and those whose dropping was interrupted."""
    return [b for b in pointer.builds if b.state in (LEFT, DROPPING)]


async def drop(
    service: str, projection: Projection, state: StateStore, version: int, build: int,
    quiet_seconds: float = QUIET_SECONDS,
) -> int:  # fmt: skip
    """Delete one build; how many documents it had. Raises NotDroppable, Unavailable; repeating it ends what was begun."""
    pointers = Pointers(service, state)
    pointer = await pointers.get(projection.name)
    found = pointer.get(version, build) if pointer else None
    if pointer is None or found is None:
        there = ", ".join(f"v{b.version} b{b.build} ({b.state})" for b in pointer.builds) if pointer else "none"
        raise NotDroppable(f"{projection.name} has no build v{version} b{build}; there are: {there}")
    if found.state == LIVE:
        raise NotDroppable(f"{projection.name} v{version} b{build} is live: it is what everybody reads")
    if found.state == LEFT and now() - found.since < quiet_seconds:
        raise NotDroppable(
            f"{projection.name} v{version} b{build} was left {now() - found.since:.0f} s ago: requests may still read "
            f"it; drop it {quiet_seconds:.0f} s after the switch"
        )
    marked = await pointers.change(pointer, in_state(pointer, found, DROPPING))
    reach("rebuild.dropping")
    if marked is None:
        raise NotDroppable("somebody else has just changed the pointer: try again")
    gone = await _delete(service, found.of(projection), state)
    while (last := await pointers.get(projection.name)) is not None:
        if last.get(version, build) is None or await pointers.change(last, without(last, found)):
            break
    return gone


async def _delete(service: str, build: Projection, state: StateStore) -> int:
    consumer = build.consumer(service)
    gone = await state.documents(build.collection).delete({})
    lots = [f"{consumer}|{source}" for source in build.sources]
    await state.documents(PARKED).delete({"consumer": {"$in": lots}})
    await state.documents(FEEDING).delete({"consumer": consumer})
    await state.forget(build.collection, consumer)
    reach("rebuild.dropped")
    return gone
