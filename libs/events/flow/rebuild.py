"""Rebuild: a read model folded anew beside the one that serves, compared with it, then switched to in one write.

Every step can be repeated: a rebuild that was killed goes on where it was, two at once do no harm.
"""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.events.clock import wall_seconds
from libs.events.flow.bulk import Bulk, in_bulk
from libs.events.flow.clients import reading
from libs.events.flow.folding import Folding
from libs.events.flow.live import COMPARED, FEEDING, LIVE, OFFERED, WRITING, Build, Pointer, Pointers, in_state
from libs.events.flow.parity import SHOWN, Parity, Sum, differing, fold_from_genesis, summed
from libs.events.flow.parking import COLLECTION as PARKED
from libs.events.flow.projections import Projection
from libs.events.flow.spreading import Ends, Part, Spread, divided, fold_spread
from libs.events.points import reach
from libs.events.store.ports import Checkpoint, Document, Stale, StateStore

PAGE = 1_000
TRIES = 5
FED_SECONDS = 30.0
UNFINISHED = (WRITING, COMPARED, OFFERED)


class Overtaken(Exception):
    """Another process works on the same build: it goes on, this one ends."""


class Differs(Exception):
    """The new build is not what the live one holds: nothing was switched."""

    def __init__(self, parity: Parity) -> None:
        super().__init__(f"{parity.different} documents differ")
        self.parity = parity


class NotFed(Exception):
    """Processes of the service run, and do not take the new build over."""


class Progress(msgspec.Struct):
    """How far a rebuild is; `total` and `done` are events, `seconds` the time it has folded for."""

    step: str = "folding"
    total: int = 0
    done: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return self.done / self.seconds if self.seconds else 0.0

    @property
    def left_seconds(self) -> float:
        return max(0.0, (self.total - self.done) / self.rate) if self.rate else 0.0


class Done(msgspec.Struct):
    """What a rebuild did; `parity` is None where somebody else had compared and switched already."""

    collection: str
    events: int
    seconds: float
    parity: Parity | None
    resumed: bool

    @property
    def rate(self) -> float:
        return self.events / self.seconds if self.seconds else 0.0


class Rebuild:
    """One read model of one service. `topics` by source; `watch` is told of the progress; what is much and may be
    `spread` is folded by several processes."""

    def __init__(
        self, service: str, projection: Projection, state: StateStore, topics: Mapping[str, str], shards: int,
        bootstrap: str, watch: Callable[[Progress], None] = lambda _: None, spread: Spread | None = None,
    ) -> None:  # fmt: skip
        self._service, self._projection, self._state = service, projection, state
        self._topics, self._shards, self._bootstrap, self._spread = topics, shards, bootstrap, spread
        self._pointers = Pointers(service, state)
        self._progress, self._watch = Progress(), watch
        self._folds: dict[str, Folding] = {}
        self._build, self._began = 0, 0.0
        self._bulk: Bulk

    async def run(self, accept: bool = False) -> Done:
        """Raises Overtaken, Differs (unless `accept`), NotFed, NotFoldable, Unavailable; run it again to go on."""
        await self._state.end_abandoned()
        pointer, build, resumed = await self._begin()
        new = build.of(self._projection)
        await self._state.ensure_indexes(new.collection, new.indexes)
        self._began = time.monotonic()
        for _ in range(TRIES):
            try:
                async with reading(self._bootstrap) as kafka, in_bulk(self._bootstrap) as self._bulk:
                    parity = await self._carry_out(kafka, pointer, build, new, accept)
                    break
            except Stale:  # a service that starts ends open transactions; or another rebuild works on this build
                pointer, build = await self._again(build)
        else:
            raise Overtaken(f"another process is folding {new.collection}; run this again when it has ended")
        seconds = self._progress.seconds or time.monotonic() - self._began
        return Done(new.collection, self._progress.done, seconds, parity, resumed)

    async def _begin(self) -> tuple[Pointer, Build, bool]:
        """The build to work on: one that was not finished, else a new one."""
        while True:
            pointer = (await self._pointers.settle([self._projection], self._topics))[self._projection.name]
            version = self._projection.version
            for build in pointer.builds:
                if build.version == version and build.state in UNFINISHED:
                    return pointer, build, True
            build = Build(version, pointer.made.get(str(version), 0) + 1, WRITING, 0.0)
            changed = await self._pointers.change(pointer, in_state(pointer, build, WRITING))
            if changed is not None:
                return changed, build, False

    async def _again(self, build: Build) -> tuple[Pointer, Build]:
        pointer = await self._pointers.get(self._projection.name)
        found = pointer.get(build.version, build.build) if pointer else None
        if pointer is None or found is None or found.state not in UNFINISHED:
            raise Overtaken(f"another process has finished {build.of(self._projection).collection}")
        return pointer, found

    async def _carry_out(
        self, kafka: AIOKafkaConsumer, pointer: Pointer, build: Build, new: Projection, accept: bool
    ) -> Parity | None:
        self._build = new.build
        for source in new.sources:
            fold = Folding(self._service, new, source, self._topics[source], self._state, self._count)
            await fold.begin(range(self._shards))
            self._folds[source] = fold
        if build.state == WRITING:
            parity = await self._compared(kafka, pointer, new)
            if not parity.equal and not accept:
                raise Differs(parity)
            build = await self._mark(build, COMPARED, msgspec.to_builtins(parity))
            reach("rebuild.compared")
        if build.state == COMPARED:
            self._say("getting level")
            await self._fold(await self._ends(kafka))
            build = await self._mark(build, OFFERED)
            reach("rebuild.offered")
        self._say("waiting for the running processes to feed it")
        await self._until_fed(kafka, new)
        await self._mark(build, LIVE)
        reach("rebuild.switched")
        return msgspec.convert(build.report, Parity) if build.report else None

    async def _mark(self, build: Build, state: str, report: dict[str, Any] | None = None) -> Build:
        """Bring the build into a state in one write. Raises Overtaken when it is no longer where this process left it."""
        while True:
            pointer = await self._pointers.get(self._projection.name)
            found = pointer.get(build.version, build.build) if pointer else None
            if pointer is None or found is None or found.state != build.state:
                raise Overtaken(f"{build.of(self._projection).collection} is {found.state if found else 'gone'} by now")
            changed = await self._pointers.change(pointer, in_state(pointer, build, state, report))
            if changed is not None:
                return next(b for b in changed.builds if (b.version, b.build) == (build.version, build.build))

    # Folding.

    def _say(self, step: str) -> None:
        self._progress.step = step
        self._watch(self._progress)

    def _count(self, events: int) -> None:
        self._progress.done += events
        self._progress.seconds = time.monotonic() - self._began
        self._watch(self._progress)

    async def _ends(self, kafka: AIOKafkaConsumer) -> dict[str, dict[int, int]]:
        found = {}
        for source in self._folds:
            topic = self._topics[source]
            ends = await kafka.end_offsets([TopicPartition(topic, shard) for shard in range(self._shards)])
            found[source] = {tp.partition: end for tp, end in ends.items()}
        return found

    async def _fold(self, ends: Ends) -> None:
        left = {
            (source, shard): max(0, end - self._folds[source].at(shard).offset)
            for source in ends
            for shard, end in ends[source].items()
        }
        self._progress.total = max(self._progress.total, self._progress.done + sum(left.values()))
        if self._spread is not None and sum(left.values()) >= self._spread.from_events:
            await self._fold_spread(self._spread, ends, left)
        for source, fold in self._folds.items():
            await fold.to(self._bulk, ends[source])

    async def _fold_spread(self, spread: Spread, ends: Ends, left: Mapping[tuple[str, int], int]) -> None:
        """By several processes; then this one goes on from where they have come to."""
        parts = []
        for group in divided(left, spread.processes or os.cpu_count() or 1):
            mine = {source: {s: end for s, end in ends[source].items() if (source, s) in group} for source in ends}
            some = {source: shards for source, shards in mine.items() if shards}
            parts.append((spread, Part(self._service, self._build, self._topics, self._bootstrap, some)))
        await fold_spread(parts, self._count)
        for fold in self._folds.values():
            await fold.begin(range(self._shards))

    # Comparing.

    async def _compared(self, kafka: AIOKafkaConsumer, pointer: Pointer, new: Projection) -> Parity:
        live = pointer.live.of(self._projection)
        if pointer.version != new.version:
            self._say("folding")
            await self._fold(await self._ends(kafka))
            self._say("folding once more in memory")
            return await self._with_genesis(kafka, live, new)
        self._progress.total = self._progress.done + sum(
            end - self._folds[source].at(shard).offset
            for source, ends in (await self._ends(kafka)).items()
            for shard, end in ends.items()
        )
        return await self._with_live(kafka, live, new)

    async def _with_live(self, kafka: AIOKafkaConsumer, live: Projection, new: Projection) -> Parity:
        """Page by page: the live documents and checkpoints of one instant, and the new ones folded to just there."""
        ours, theirs, different, shown = Sum(), Sum(), 0, list[str]()
        after = ""
        while True:
            page = await self._state.page(live.collection, after, PAGE, live.consumer(self._service))
            await self._fold(self._offsets(page.checkpoints))
            self._say("comparing")
            last = page.documents[-1]["_id"] if len(page.documents) == PAGE else None
            mine = await self._between(new.collection, after, last)
            summed(new, mine, ours)
            summed(new, page.documents, theirs)
            for difference in differing(new, mine, page.documents):
                different += 1
                shown += [difference] if len(shown) < SHOWN else []
            if last is None:
                break
            after = last
        parked = [await self._parked(p) for p in (live, new)]
        return Parity(LIVE, theirs.count, ours.count, theirs.hash, ours.hash, different, shown, *parked)

    def _offsets(self, checkpoints: Mapping[tuple[str, int], Checkpoint]) -> dict[str, dict[int, int]]:
        nothing = Checkpoint()
        return {
            source: {s: checkpoints.get((self._topics[source], s), nothing).offset for s in range(self._shards)}
            for source in self._folds
        }

    async def _between(self, collection: str, after: str, last: str | None) -> list[Document]:
        """Documents with `after` < id <= `last`, in order."""
        found: list[Document] = []
        while True:
            where = {"_id": {"$gt": after} if last is None else {"$gt": after, "$lte": last}}
            some = await self._state.documents(collection).find(where, sort=("_id",), limit=PAGE)
            found += some
            if len(some) < PAGE:
                return found
            after = some[-1]["_id"]

    async def _with_genesis(self, kafka: AIOKafkaConsumer, live: Projection, new: Projection) -> Parity:
        ours, anew = Sum(), Sum()
        after: str | None = ""
        while after is not None:
            some = await self._state.documents(new.collection).find({"_id": {"$gt": after}}, sort=("_id",), limit=PAGE)
            summed(new, some, ours)
            after = some[-1]["_id"] if len(some) == PAGE else None
        for source, fold in self._folds.items():
            for shard in range(self._shards):
                end = fold.at(shard).offset
                await fold_from_genesis(kafka, new, source, self._topics[source], shard, end, anew)
        different = int(ours.hash != anew.hash)
        count = await self._state.documents(live.collection).count({})
        parked = [await self._parked(p) for p in (live, new)]
        return Parity("genesis", count, ours.count, anew.hash, ours.hash, different, [], *parked)

    async def _parked(self, projection: Projection) -> int:
        lots = [f"{projection.consumer(self._service)}|{source}" for source in projection.sources]
        return await self._state.documents(PARKED).count({"consumer": {"$in": lots}})

    # Switching.

    async def _until_fed(self, kafka: AIOKafkaConsumer, new: Projection) -> None:
        """Where processes run that can feed the new build beside the live one, wait until all of them do.

        Then both stand at the same place in every transaction, and no reader goes back in time. Processes of
        another version of the read model cannot; they are not ready from the switch on.
        """
        pointer = await self._pointers.get(new.name)
        until = time.monotonic() + FED_SECONDS
        while pointer is not None and pointer.version == new.version and await self._somebody_runs():
            if await self._missing(new) == 0:
                return
            if time.monotonic() > until:
                raise NotFed(
                    f"the running processes of {self._service} do not take {new.collection} over; see their /readyz, "
                    "then run this again: it goes on from here"
                )
            await asyncio.sleep(0.1)
        await self._fold(await self._ends(kafka))

    async def _missing(self, new: Projection) -> int:
        """Shards of topics that no running process feeds into the new build yet."""
        consumer = new.consumer(self._service)
        notes = await self._state.documents(FEEDING).count({"consumer": consumer})
        return len(new.sources) * self._shards - notes

    async def _somebody_runs(self) -> bool:
        """Every process that consumes asks for the clock's lease; whoever has it lives, or has died just now."""
        lease = await self._state.documents("leases").get("clock")
        return lease is not None and lease["until"] > wall_seconds()
