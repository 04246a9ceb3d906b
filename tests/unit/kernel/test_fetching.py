"""What a fetch says beside its records: that some were passed over, and that what concerns nobody has gone well."""

from typing import Any

from libs.events.contracts.notifications import MessageRead
from libs.events.flow.consumers import ProjectionConsumer
from libs.events.flow.parking import MOST_KEYS_IN_A_ROW
from libs.events.flow.projections import Document, Projection
from libs.events.flow.runner import Subscription
from libs.events.flow.wire import RawRecord
from libs.events.recorded import Recorded
from libs.events.store.memory import MemoryState
from tests.unit.kernel.test_interleavings import JOINED, TOPICS

RECORDS = TOPICS["notifications"]


def _subscription(projection: Projection) -> tuple[Subscription, MemoryState]:
    state = MemoryState()
    consumer = ProjectionConsumer("notifications", projection, "notifications", state)
    return Subscription("notifications", "notifications.events", state, [consumer]), state


async def test_records_that_a_fetch_has_passed_over_are_read_again_even_if_nothing_true_follows() -> None:
    subscription, state = _subscription(JOINED)
    await subscription.assigned({0})
    assert await subscription.fetched_records(RECORDS[:4]) == {}
    assert await subscription.fetched_records(RECORDS[9:]) == {0: 4}
    assert subscription.fetched[0] == 4
    assert await subscription.fetched_records(RECORDS[4:]) == {}
    at = await state.checkpoints(subscription.consumers[0].name, "notifications.events")
    assert at[0].position == len(RECORDS)


async def test_what_is_not_there_to_be_read_is_asked_for_once() -> None:
    """A stranger's transaction leaves offsets that hold nothing."""
    subscription, _ = _subscription(JOINED)
    await subscription.assigned({0})
    await subscription.fetched_records(RECORDS[:4])
    beyond = [RawRecord.of("notifications.events", 0, 6, None, b"{}", ())]
    assert await subscription.fetched_records(beyond) == {0: 4}
    assert await subscription.fetched_records(beyond) == {}
    assert subscription.fetched[0] == 7


async def test_events_that_concern_no_document_count_as_read() -> None:
    """Where few events concern a read model, those few may fail without the whole being called wrong."""

    def key(event: Recorded[Any]) -> str | None:
        if event.position % 2:
            raise ValueError("no such thing")
        return None

    def apply(document: Document | None, event: Recorded[Any]) -> Document:
        raise AssertionError("nothing concerns it")

    few = Projection("few", 1, ("notifications",), (MessageRead,), key, apply)
    subscription, _ = _subscription(few)
    lot = subscription.consumers[0].lot
    await subscription.assigned({0})
    await subscription.fetched_records(RECORDS)
    assert 0 < lot.count < len(RECORDS) and len(lot.marks().row) <= 1 < MOST_KEYS_IN_A_ROW
