"""Live and rebuilt are equal: however two topics interleave, are cut into fetches, repeated, or read again."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from libs.events.codec import encode
from libs.events.contracts.base import Event
from libs.events.contracts.notifications import MessageRead
from libs.events.contracts.review import NoteDeclined
from libs.events.envelope import GENESIS, StoredEvent, chained, records_of
from libs.events.flow.consumers import ProjectionConsumer
from libs.events.flow.projections import Document, Projection
from libs.events.flow.runner import Subscription
from libs.events.flow.wire import RawRecord
from libs.events.recorded import Recorded
from libs.events.store.memory import MemoryState
from tests.contract.test_store import commit as sample

AT = datetime(2024, 9, 9, 1, tzinfo=UTC)
SIZES = (1, 3, 1, 2, 4, 1)
KEYS = ("a", "b")


def _apply(document: Document | None, event: Recorded[Any]) -> Document:
    return {"seen": [*(document["seen"] if document else []), event.id]}


def _key(event: Recorded[Any]) -> str:
    return event.stream.split("-")[1]


JOINED = Projection("joined", 1, ("notifications", "review"), (MessageRead, NoteDeclined), _key, _apply)


def _event(service: str, n: int) -> Event:
    if service == "review":
        return NoteDeclined(AT, application="1", enterprise="a", cause=str(n), reason="r")
    return MessageRead(AT, message=str(n), reader="r")


def topic(service: str) -> list[RawRecord]:
    """One shard of a service: commits of several sizes, two streams in turn."""
    records: list[RawRecord] = []
    previous, position, versions = GENESIS, 1, dict.fromkeys(KEYS, 1)
    for n, size in enumerate(SIZES):
        key = KEYS[n % 2]
        built = sample(
            n + (100 if service == "review" else 0),
            position,
            stream=f"case-{key}-1",
            version=versions[key],
            events=size,
        )
        type_, body = encode(service, _event(service, n))
        events = [StoredEvent(event.id, type_, body, "") for event in built.events]
        built = chained(msgspec.structs.replace(built, partition_key=key, events=events, previous_hash=previous))
        records += [
            RawRecord.of(f"{service}.events", 0, len(records) + i, r.key, r.value, tuple(r.headers))
            for i, r in enumerate(records_of(built))
        ]
        previous, position = built.hash, position + size
        versions[key] += size
    return records


TOPICS = {service: topic(service) for service in JOINED.sources}


async def fold(steps: list[tuple[str, int, int]]) -> dict[str, Document]:
    """Feed fetches (service, first, length), reading on from where the last one ended; the documents at the end."""
    state = MemoryState()
    subscriptions = {
        service: Subscription("x", f"{service}.events", state, [ProjectionConsumer("x", JOINED, service, state)])
        for service in TOPICS
    }
    reached = dict.fromkeys(TOPICS, 0)
    for subscription in subscriptions.values():
        await subscription.assigned({0})
    for service, back, length in steps:
        first = max(0, reached[service] - back)
        await subscriptions[service].fetched_records(TOPICS[service][first : first + length])
        reached[service] = min(first + length, len(TOPICS[service]))
    for service, subscription in subscriptions.items():
        await subscription.fetched_records(TOPICS[service][reached[service] :])
    return await state.load(JOINED.collection, KEYS)


REBUILT = asyncio.run(fold([]))
_STEPS = st.lists(st.tuples(st.sampled_from(JOINED.sources), st.integers(0, 5), st.integers(1, 6)), max_size=12)


@given(_STEPS)
def test_every_interleaving_gives_what_a_rebuild_gives(steps: list[tuple[str, int, int]]) -> None:
    assert asyncio.run(fold(steps)) == REBUILT


def test_a_rebuild_has_seen_everything_once_in_order() -> None:
    for key in KEYS:
        for service, records in TOPICS.items():
            said = [dict(r.headers)["ce_id"] for r in records if dict(r.headers)["ce_partitionkey"] == key.encode()]
            assert REBUILT[key][service]["seen"] == [id_.decode() for id_ in said if id_ is not None]
