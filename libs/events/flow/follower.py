"""Every process follows `identity.events` by itself into memory: keys, revocations, appointments, business time."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from libs.events.clock import BusinessClock
from libs.events.contracts.actors import Office
from libs.events.contracts.identity import (
    AccountTokensRevoked,
    AppointmentEnded,
    BusinessClockMoved,
    OfficialAppointed,
    SessionEnded,
    SigningKeyPublished,
    SigningKeyRetired,
    SubjectErased,
)
from libs.events.envelope import GENESIS
from libs.events.errors import Poison
from libs.events.flow.clients import reading, within
from libs.events.flow.wire import Arrived, UnknownEnvelope, raw_record, recorded, verify

log = structlog.get_logger("follower")

TOLERATED_SECONDS = 5.0
CHECK_SECONDS = 1.0
NEW_KEY_SECONDS = 2.0
FOLLOWED = {
    event.__name__
    for event in (
        SigningKeyPublished, SigningKeyRetired, SessionEnded, AccountTokensRevoked, OfficialAppointed,
        AppointmentEnded, BusinessClockMoved, SubjectErased,
    )
}  # fmt: skip
UNKNOWN_SECONDS = 5.0
HUNG_SECONDS = 8.0
ENDS_SECONDS = 2.0


class Hung(Exception):
    """There is more to read, and it does not come."""


class Broken(Exception):
    """A gap, a fork or an unreadable event in what this process must know to trust a token."""

    def __init__(self, shard: int, what: str) -> None:
        super().__init__(f"shard {shard}: {what}")
        self.shard = shard


class Appointment:
    """An official's seat, as appointed."""

    __slots__ = ("office", "official", "valid_to")

    def __init__(self, official: str, office: Office, valid_to: datetime | None) -> None:
        self.official, self.office, self.valid_to = official, office, valid_to


class Follower:
    """What `identity` has said, up to now. `level()` is false until all of it has been read once."""

    def __init__(
        self, bootstrap: str, topic: str, business: BusinessClock, forget: Callable[[str], None] = lambda _: None
    ) -> None:
        self._bootstrap, self._topic, self._business, self._forget = bootstrap, topic, business, forget
        self.keys: dict[str, dict[str, str]] = {}
        self.ended: set[str] = set()
        self.revoked: dict[str, datetime] = {}
        self.spared: dict[str, str] = {}
        self.appointments: dict[str, Appointment] = {}
        self._at: dict[int, tuple[int, str]] = {}
        self._offsets: dict[int, int] = {}
        self._level_at: float | None = None
        self._news = asyncio.Event()
        self._moved = 0.0
        self._doubted: set[int] = set()
        self._broken, self._lost = "", False
        self.rebuilt = 0

    def level(self) -> bool:
        return self._level_at is not None

    def trouble(self) -> str | None:
        """Why it is not level, in words."""
        if self.level() and self.behind() <= TOLERATED_SECONDS:
            return None
        if self._lost:
            return f"{self._topic}: topic lost in shards {sorted(self._doubted)}; restore it: {self._way_out}"
        return self._broken or "identity's events have not been read yet"

    @property
    def _way_out(self) -> str:
        return f"tidu republish {self._topic.split('.')[0]}"

    def behind(self) -> float:
        """Seconds since this process last knew that it had read everything."""
        return float("inf") if self._level_at is None else time.monotonic() - self._level_at

    async def key(self, kid: str) -> dict[str, str] | None:
        """A published key; an unknown one is waited for up to two seconds."""
        await self._arrives(lambda: kid in self.keys)
        return self.keys.get(kid)

    def is_revoked(self, sid: str, holder: str, issued: datetime) -> bool:
        before = self.revoked.get(holder)
        over = before is not None and issued < before and sid != self.spared.get(holder)
        return sid in self.ended or over

    async def run(self) -> None:
        while True:
            try:
                await self._follow()
            except (KafkaError, TimeoutError) as error:
                await log.awarning("follower.waiting", error=type(error).__name__)
                await asyncio.sleep(0.5)
            except Broken as error:
                # Not level: whether a token still stands cannot be known, so officials and new keys are refused.
                self._level_at, self._broken = None, f"{error}; if it does not come: {self._way_out}"
                await log.aerror("follower.broken", trouble=str(error))
                self._doubt(error.shard)
                self._offsets[error.shard] = 0
                await asyncio.sleep(UNKNOWN_SECONDS)
            except Hung:
                self.rebuilt += 1
                await log.aerror("follower.rebuilt", topic=self._topic)
            except UnknownEnvelope as error:
                self._level_at = None
                await log.aerror("follower.unknown-envelope", envelope=str(error), position=error.position)
                await asyncio.sleep(UNKNOWN_SECONDS)

    async def _follow(self) -> None:
        async with reading(self._bootstrap) as kafka:
            partitions = [TopicPartition(self._topic, p) for p in await self._partitions(kafka)]
            kafka.assign(partitions)
            for tp in partitions:
                kafka.seek(tp, self._offsets.get(tp.partition, 0))
            checked, self._moved = 0.0, time.monotonic()
            while True:
                fetched = await within(HUNG_SECONDS, kafka.getmany(timeout_ms=100, max_records=2_000))
                for tp, records in fetched.items():
                    if records[0].offset < self._offsets.get(tp.partition, 0):
                        self._doubt(tp.partition)  # it starts over, and nobody asked for that
                    for record in records:
                        self._take(verify(raw_record(record)))
                    self._offsets[tp.partition] = records[-1].offset + 1
                    self._moved = time.monotonic()
                if not self.level() or time.monotonic() - checked > CHECK_SECONDS:
                    read = dict(self._offsets)
                    try:
                        ends = await within(ENDS_SECONDS, kafka.end_offsets(partitions))
                    except TimeoutError:
                        # A new consumer would need longer than asking once more, while officials are refused.
                        if time.monotonic() - self._moved > HUNG_SECONDS:
                            raise
                        continue
                    checked = time.monotonic()
                    self._judge({tp.partition: (read.get(tp.partition, 0), end) for tp, end in ends.items()}, kafka)

    def _judge(self, shards: Mapping[int, tuple[int, int]], kafka: AIOKafkaConsumer) -> None:
        """What was read and where the partition ends, by shard."""
        for shard, (read, end) in shards.items():
            if end < read:
                self._doubt(shard)
                self._offsets[shard] = 0
                kafka.seek(TopicPartition(self._topic, shard), 0)
        if any(self._offsets.get(shard, 0) < end for shard, (_, end) in shards.items()):
            if time.monotonic() - self._moved > HUNG_SECONDS:
                raise Hung
            return
        self._moved = time.monotonic()
        if not self._doubted:
            self._level_at, self._lost, self._broken = self._moved, False, ""
        else:
            # All of it was read, and the place is not there: what was said since cannot be known.
            if not self._lost:
                shards_lost = sorted(self._doubted)
                log.error("follower.topic-lost", topic=self._topic, shards=shards_lost, way_out=self._way_out)
            self._level_at, self._lost = None, True

    def _doubt(self, shard: int) -> None:
        """The topic may be another one: until this shard's place is found in it, nothing of it is believed."""
        if self._at.get(shard):
            self._doubted.add(shard)

    async def _partitions(self, kafka: AIOKafkaConsumer) -> set[int]:
        while True:
            await kafka._client.force_metadata_update()
            found: set[int] | None = kafka.partitions_for_topic(self._topic)
            if found:
                return found
            self._broken = f"the broker has no topic {self._topic}; if it was deleted: {self._way_out}"
            await asyncio.sleep(0.2)

    def _take(self, found: Any) -> None:
        """The reader's rule: only what verifies and comes next."""
        if not isinstance(found, Arrived):
            return
        shard = found.raw.partition
        position, hash_ = self._at.get(shard, (0, GENESIS))
        if found.position == position and found.hash == hash_:
            self._doubted.discard(shard)
        if found.position <= position or shard in self._doubted:
            return
        if found.position > position + 1:
            raise Broken(shard, f"position {position + 1} is missing")
        if found.previous_hash != hash_:
            raise Broken(shard, f"it forks at position {found.position}")
        if found.type.split(".")[1] in FOLLOWED:
            try:
                event = recorded(found)
            except Poison as error:
                raise Broken(shard, str(error)) from error
            if event is not None:
                self._apply(event.data)
        self._at[shard] = (found.position, found.hash)
        self._news.set()

    def passed(self, shard: int, position: int) -> bool:
        """Whether everything up to this position of `identity`'s shard has been followed."""
        return self._at.get(shard, (0, GENESIS))[0] >= position

    def _apply(self, event: Any) -> None:
        match event:
            case SigningKeyPublished():
                self.keys[event.kid] = event.jwk
            case SigningKeyRetired():
                self.keys.pop(event.kid, None)
            case SessionEnded():
                self.ended.add(event.sid)
            case AccountTokensRevoked():
                self._revoke(event)
            case OfficialAppointed():
                self.appointments[event.appointment] = Appointment(event.official, event.office, event.valid_to)
            case AppointmentEnded():
                self.appointments.pop(event.appointment, None)
            case BusinessClockMoved():
                self._business.offset_ms = event.offset_ms
            case SubjectErased():
                self._forget(event.subject)
            case _:
                pass

    def _revoke(self, event: AccountTokensRevoked) -> None:
        """A session that was spared is not spared for ever: what ends everything later ends it too."""
        self.revoked[event.holder] = event.before
        if event.spared:
            self.spared[event.holder] = event.spared
        else:
            self.spared.pop(event.holder, None)

    async def office(self, appointment: str, official: str) -> Office | None:
        """The office of an appointment that is this official's and still runs; one just made is waited for."""
        if not await self._arrives(lambda: appointment in self.appointments):
            return None
        found = self.appointments.get(appointment)
        if found is None or found.official != official:
            return None
        if found.valid_to is not None and found.valid_to < self._business.now():
            return None
        return found.office

    async def _arrives(self, known: Callable[[], bool]) -> bool:
        until = time.monotonic() + NEW_KEY_SECONDS
        while not known() and time.monotonic() < until:
            self._news.clear()
            with suppress(TimeoutError):
                await within(max(0.01, until - time.monotonic()), self._news.wait())
        return known()
