"""The parking lot: what a consumer cannot apply waits per key, raw bytes, in order; other keys flow."""

from base64 import b64decode, b64encode
from collections import Counter, deque
from typing import Any

import msgspec

from libs.events.clock import wall_seconds
from libs.events.flow.wire import Arrived, Foreign, RawRecord, verify
from libs.events.store.ports import StateStore, Write

COLLECTION = "parked"
REQUESTS = "parked_requests"
ANSWERS = "parked_answers"
MOST_KEYS_IN_A_ROW = 20
WATCHED = 1_000
WORST_SHARE = 0.05


def wall_key(arrived: Arrived) -> str:
    """Of a record whose documents cannot be known: all of its partition key waits behind it.

    A document lies in one shard because its events have one partition key, so no document gets a later event first.
    """
    return f"partition:{arrived.partition_key}"


def is_wall(key: str) -> bool:
    return key.startswith("partition:")


class Marks(msgspec.Struct):
    """How things went of late: the keys in a row that failed, and of the last events whether each failed."""

    row: list[str] = msgspec.field(default_factory=list)
    recent: deque[bool] = msgspec.field(default_factory=lambda: deque(maxlen=WATCHED))
    failed: int = 0

    def note(self, failed: bool) -> None:
        if len(self.recent) == WATCHED:
            self.failed -= self.recent[0]
        self.recent.append(failed)
        self.failed += failed


class ParkingLot:
    """One consumer's parked records. Limits: 20 different keys in a row, or 5 % of the last 1,000 events."""

    def __init__(self, consumer: str, state: StateStore) -> None:
        self.consumer, self._state = consumer, state
        self._waiting: dict[str, int] = {}
        self.doubtful = False
        self._marks, self._kept = Marks(), Marks()

    async def load(self) -> None:
        """What is parked, as the database has it; after a lost transaction memory is worth nothing."""
        parked = self._state.documents(COLLECTION)
        documents = await parked.find({"consumer": self.consumer}, sort=("n",), limit=1_000_000)
        # Only now, and in one step: while the store is away, what is known to wait must not seem to be gone.
        self._waiting = Counter(document["key"] for document in documents)
        self.doubtful = False
        self.unmark(self._kept)

    @property
    def count(self) -> int:
        return sum(self._waiting.values())

    def holds(self, *keys: str) -> str | None:
        """The first of the keys behind which an event has to queue."""
        return next((key for key in keys if key in self._waiting), None)

    def park(self, key: str, arrived: Arrived, error: str | None) -> Write:
        """The write that parks a record; `error` is None for one that only queues behind another.

        Named and ordered by its place in the log: a key lies in one shard, and processes share the collection.
        """
        if error is not None:
            self._note(key)
        self._waiting[key] = self._waiting.get(key, 0) + 1
        document = {
            "consumer": self.consumer,
            "key": key,
            "partition_key": arrived.partition_key,
            "n": arrived.position,
            "error": error or "queued behind an earlier event of its key",
            "event": arrived.id,
            "type": arrived.type,
            "parked_at": wall_seconds(),
            "record": pack(arrived.raw),
        }
        return Write(COLLECTION, f"{self.consumer}|{arrived.raw.partition}|{arrived.position:020d}", document)

    def fine(self) -> None:
        """An event was applied."""
        self._marks.row.clear()
        self._marks.note(False)

    def _note(self, key: str) -> None:
        if key not in self._marks.row:
            self._marks.row.append(key)
        self._marks.note(True)

    def marks(self) -> Marks:
        return Marks(list(self._marks.row), self._marks.recent.copy(), self._marks.failed)

    def unmark(self, marks: Marks) -> None:
        """What came since was undone: it will come again, and is not counted twice."""
        self._marks = Marks(list(marks.row), marks.recent.copy(), marks.failed)

    def keep(self) -> None:
        """What came so far stands: it is in the database."""
        self._kept = self.marks()

    def begin_anew(self) -> None:
        """An operator lets a stopped consumer go on: the limits count from here."""
        self._marks, self._kept = Marks(), Marks()

    @property
    def too_much(self) -> str | None:
        """Why this consumer must stop: then the deployment is wrong, not the data."""
        if len(self._marks.row) >= MOST_KEYS_IN_A_ROW:
            return f"{MOST_KEYS_IN_A_ROW} different keys in a row could not be applied"
        if len(self._marks.recent) == WATCHED and self._marks.failed > WATCHED * WORST_SHARE:
            return f"more than {WORST_SHARE:.0%} of the last {WATCHED} events could not be applied"
        return None

    async def waiting(self, partition_key: str) -> list[dict[str, Any]]:
        """The parked records of a partition key, in the log's order, whatever key each waits behind."""
        return await self._state.documents(COLLECTION).find(
            {"consumer": self.consumer, "partition_key": partition_key}, sort=("n",), limit=100_000
        )

    def drained(self, key: str) -> None:
        """One record of a key has been dealt with; the key reopens when it was the last."""
        self._waiting[key] = self._waiting.get(key, 0) - 1
        if self._waiting[key] <= 0:
            del self._waiting[key]


def pack(raw: RawRecord) -> dict[str, Any]:
    """Raw bytes as they came, so that today's code and tomorrow's upcasts can read them."""
    return {
        "topic": raw.topic,
        "partition": raw.partition,
        "offset": raw.offset,
        "key": _text(raw.key),
        "value": _text(raw.value),
        "headers": [[name, _text(value)] for name, value in raw.headers],
    }


def unpack(packed: dict[str, Any]) -> RawRecord:
    headers = tuple((name, _bytes(value)) for name, value in packed["headers"])
    return RawRecord(
        packed["topic"], packed["partition"], packed["offset"], _bytes(packed["key"]), _bytes(packed["value"]), headers
    )


def arrived_again(packed: dict[str, Any]) -> Arrived:
    """A parked record verified anew. Raises ValueError when somebody has changed it."""
    found = verify(unpack(packed))
    if isinstance(found, Foreign):
        raise ValueError(found.reason)
    return found


def _text(value: bytes | None) -> str | None:
    return None if value is None else b64encode(value).decode()


def _bytes(value: str | None) -> bytes | None:
    return None if value is None else b64decode(value)
