"""A reaction's place is saved late where nobody else waits for it, at once where somebody may, and on leaving."""

from typing import Any, ClassVar

import pytest

from libs.events.contracts.notifications import MessageRead
from libs.events.decider import Command
from libs.events.errors import Unavailable
from libs.events.flow.consumers import ReactionsConsumer
from libs.events.flow.reactions import Reaction
from libs.events.flow.runner import Subscription
from libs.events.recorded import Recorded
from libs.events.store.memory import MemoryState
from tests.unit.kernel.test_interleavings import TOPICS

TOPIC, NAME = "notifications.events", "x.reactions.notifications"
RECORDS = TOPICS["notifications"]


class Told(Command, frozen=True):
    empty_is_fine: ClassVar[bool] = True

    @property
    def stream(self) -> str:
        return "message-k-a"


class Sends:
    """A handler that counts what it is asked to carry out, by command id."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    async def handle(self, command: Command, *, cause: Recorded[Any]) -> None:
        self.ids.append(command.id)


def reacting(event: Recorded[Any]) -> list[Command]:
    return [Told("", event.data.received_at, event.actor)]


def subscription(state: MemoryState, sends: Sends, partitions: int) -> Subscription:
    reaction = Reaction("when-x", "notifications", (MessageRead,), reacting)
    consumer = ReactionsConsumer(NAME, "x", [reaction], sends, state)  # type: ignore[arg-type]
    return Subscription("x", TOPIC, state, [consumer], partitions)


async def saved(state: MemoryState) -> int:
    found = (await state.checkpoints(NAME, TOPIC)).get(0)
    return 0 if found is None else found.position


async def test_one_process_with_all_shards_saves_the_place_late_and_on_leaving() -> None:
    state, sends = MemoryState(), Sends()
    working = subscription(state, sends, 1)
    await working.assigned({0})
    await working.fetched_records(RECORDS)
    assert sends.ids and await saved(state) == 0
    assert working.reacted(0, RECORDS[-1].offset + 1)
    await working.leave()
    assert await saved(state) == len(RECORDS)
    assert working.shards == set()


@pytest.mark.parametrize("partitions", [2, 0])
async def test_where_another_process_may_wait_the_place_is_saved_at_once(partitions: int) -> None:
    state, sends = MemoryState(), Sends()
    working = subscription(state, sends, partitions)
    await working.assigned({0})
    await working.fetched_records(RECORDS)
    assert await saved(state) == len(RECORDS)


async def test_who_comes_after_a_killed_process_sends_the_same_commands_again() -> None:
    state, killed, next_ = MemoryState(), Sends(), Sends()
    for sends in (killed, next_):
        working = subscription(state, sends, 1)
        offsets = await working.assigned({0})
        assert offsets == {0: 0}
        await working.fetched_records(RECORDS)
    assert killed.ids == next_.ids


async def test_a_store_that_is_away_keeps_nobody_from_leaving(monkeypatch: pytest.MonkeyPatch) -> None:
    state = MemoryState()
    working = subscription(state, Sends(), 1)
    await working.assigned({0})
    await working.fetched_records(RECORDS)

    async def away(*_: object) -> None:
        raise Unavailable("no store")

    monkeypatch.setattr(state, "transact", away)
    await working.leave()
    assert working.shards == set()
