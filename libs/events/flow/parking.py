"""The parking lot: what a consumer cannot apply waits per key, raw bytes, in order; other keys flow."""

from base64 import b64decode, b64encode
from collections import Counter
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
    """How things went of late: the keys in a row that failed, how many events came, and which of the last ones failed,
    each by its number."""

    row: list[str] = msgspec.field(default_factory=list)
    came: int = 0
    failed: list[int] = msgspec.field(default_factory=list)

    def fine(self) -> None:
        self.came += 1
        if self.row:
            self.row.clear()

    def fail(self, key: str) -> None:
        self.came += 1
        if key not in self.row:
            self.row.append(key)
        self.failed = [number for number in self.failed if number > self.came - WATCHED]
        self.failed.append(self.came)

    def of_the_last(self) -> int:
        """How many of the last WATCHED failed; 0 before so many have come."""
        return sum(number > self.came - WATCHED for number in self.failed) if self.came >= WATCHED else 0

    def copy(self) -> "Marks":
        return Marks(list(self.row), self.came, list(self.failed))


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

    def behind(self, arrived: Arrived, key: str) -> str | None:
        """What the event of a document has to queue behind: its wall or its own key."""
        return self.holds(wall_key(arrived), key) if self._waiting else None

    def park(self, key: str, arrived: Arrived, error: str | None) -> Write:
        """The write that parks a record; `error` is None for one that only queues behind another.

        Named and ordered by its place in the log: a key lies in one shard, and processes share the collection.
        """
        if error is not None:
            self._marks.fail(key)
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
        self._marks.fine()

    def marks(self) -> Marks:
        return self._marks.copy()

    def unmark(self, marks: Marks) -> None:
        """What came since was undone: it will come again, and is not counted twice."""
        self._marks = marks.copy()

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
        if self._marks.failed and self._marks.of_the_last() > WATCHED * WORST_SHARE:
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
    return RawRecord.of(
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
