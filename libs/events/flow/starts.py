"""Where reactions start: decided once per NAME and topic, for ever. One that comes late runs as a consumer of its own.

`origin` reads from the beginning, `head` from what was newest when the NAME was first seen, an ISO date from the
events recorded since. A consumer of its own reads alone until it is level; then it shares fetch and transaction.
"""

from collections.abc import Sequence

import msgspec
from aiokafka.errors import KafkaError

from libs.events.audit.topic import audit_consumer, tails_of
from libs.events.errors import Unavailable
from libs.events.flow.clients import put_away
from libs.events.flow.reactions import Reaction
from libs.events.points import reach
from libs.events.store.ports import AlreadyThere, Checkpoint, Move, Stale, StateStore

COLLECTION = "reaction_starts"


class Grouped(msgspec.Struct, frozen=True):
    """The reactions of a service to one topic: those that run together, and those that came late."""

    together: tuple[Reaction, ...]
    alone: tuple[Reaction, ...]


def lone_consumer(group: str, reaction: Reaction) -> str:
    return f"{group}.{reaction.name}"


async def grouped(
    group: str, topic: str, shards: int, reactions: Sequence[Reaction], state: StateStore, bootstrap: str
) -> Grouped:
    """Who runs how; writes down what is seen for the first time. Raises Unavailable."""
    starts = state.documents(COLLECTION)
    late = bool(await state.checkpoints(group, topic))
    together: list[Reaction] = []
    alone: list[Reaction] = []
    for reaction in reactions:
        id_ = f"{topic}|{reaction.name}"
        known = await starts.get(id_)
        if known is None:
            known = {"_id": id_, "alone": late or reaction.start == "head", "start": reaction.start}
            if reaction.start == "head":
                await _begin_at_head(lone_consumer(group, reaction), topic, shards, state, bootstrap)
            try:
                await starts.insert(known)
                reach("starts.written")
            except AlreadyThere:
                known = await starts.get(id_) or known
        (alone if known["alone"] else together).append(reaction)
    return Grouped(tuple(together), tuple(alone))


async def consumer_names(group: str, topic: str, reactions: Sequence[Reaction], state: StateStore) -> set[str]:
    """The consumers that carry these reactions, for a process that only wants to know how far they are."""
    names = set()
    for reaction in reactions:
        known = await state.documents(COLLECTION).get(f"{topic}|{reaction.name}")
        names.add(lone_consumer(group, reaction) if known is not None and known["alone"] else group)
    return names


async def _begin_at_head(consumer: str, topic: str, shards: int, state: StateStore, bootstrap: str) -> None:
    kafka = audit_consumer(bootstrap)
    try:
        await kafka.start()
        for shard, tail in (await tails_of(kafka, topic, range(shards))).items():
            after = Checkpoint() if tail is None else Checkpoint(tail.position, tail.hash, tail.raw.offset + 1)
            try:
                await state.transact([], [Move(consumer, topic, shard, None, after)])
                reach("starts.begun")
            except Stale:  # another process of this service has just begun there
                continue
    except KafkaError as error:
        raise Unavailable(f"the broker does not answer: {type(error).__name__}") from error
    finally:
        await put_away(kafka)
