"""Which build of each read model is read: one document per projection in `live`, changed only by compare-and-set."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from libs.events.clock import system_wall
from libs.events.errors import Unavailable
from libs.events.flow.projections import Projection
from libs.events.points import reach
from libs.events.store.ports import AlreadyThere, Document, Documents, Filter, StateStore

COLLECTION = "live"
FEEDING = "feeding"
"""Notes of processes that feed an offered build beside the live one: one per consumer, topic and shard."""
WRITING, COMPARED, OFFERED, LIVE, LEFT, DROPPING = "writing", "compared", "offered", "live", "left", "dropping"
FRESH_SECONDS = 0.25
LOOK_SECONDS = 1.0
MOST = 1_000


class Build(msgspec.Struct, frozen=True):
    """writing → compared → offered (running processes feed it beside the live one) → live → left → dropping.

    `since`: seconds of wall time at which it came into this state.
    """

    version: int
    build: int
    state: str
    since: float
    report: dict[str, Any] | None = None

    def of(self, projection: Projection) -> Projection:
        return msgspec.structs.replace(projection, version=self.version, build=self.build)


class Pointer(msgspec.Struct, frozen=True):
    """One projection's builds, and which of them is read; `made`: the highest build number ever given, by version."""

    name: str
    version: int
    build: int
    since: float
    builds: tuple[Build, ...]
    made: dict[str, int]
    revision: int = 1

    @property
    def live(self) -> Build:
        return next(b for b in self.builds if (b.version, b.build) == (self.version, self.build))

    def get(self, version: int, build: int) -> Build | None:
        return next((b for b in self.builds if (b.version, b.build) == (version, build)), None)


def now() -> float:
    return system_wall() / 1000


def in_state(pointer: Pointer, build: Build, state: str, report: dict[str, Any] | None = None) -> Pointer:
    """The pointer with one build in another state; a new build is added, one that goes `live` is read from now on."""
    moved = Build(build.version, build.build, state, now(), report if report is not None else build.report)
    rest = [b for b in pointer.builds if (b.version, b.build) != (build.version, build.build)]
    made = {**pointer.made, str(build.version): max(build.build, pointer.made.get(str(build.version), 0))}
    if state != LIVE:
        return msgspec.structs.replace(pointer, builds=(*rest, moved), made=made)
    rest = [Build(b.version, b.build, LEFT, now(), b.report) if b.state == LIVE else b for b in rest]
    return msgspec.structs.replace(
        pointer, version=build.version, build=build.build, since=now(), builds=(*rest, moved), made=made
    )


def without(pointer: Pointer, build: Build) -> Pointer:
    rest = tuple(b for b in pointer.builds if (b.version, b.build) != (build.version, build.build))
    return msgspec.structs.replace(pointer, builds=rest)


def fed(projection: Projection, pointer: Pointer) -> list[Projection]:
    """The builds that processes with this code feed."""
    builds = [b for b in pointer.builds if b.version == projection.version and b.state in (LIVE, OFFERED)]
    return [build.of(projection) for build in builds]


class Pointers:
    """The pointers of one service. Calls may raise Unavailable."""

    def __init__(self, service: str, state: StateStore) -> None:
        self._service, self._state = service, state
        self._documents = state.documents(COLLECTION)

    async def all(self) -> dict[str, Pointer]:
        return {d["_id"]: _pointer(d) for d in await self._documents.find({}, limit=MOST)}

    async def get(self, name: str) -> Pointer | None:
        found = await self._documents.get(name)
        return None if found is None else _pointer(found)

    async def change(self, before: Pointer, after: Pointer) -> Pointer | None:
        """`after` as written, or None when somebody else has changed the pointer since `before` was read."""
        written = msgspec.structs.replace(after, revision=before.revision + 1)
        if not await self._documents.replace(_document(written), {"revision": before.revision}):
            return None
        reach("live.changed")
        return written

    async def settle(self, projections: Iterable[Projection], topics: Mapping[str, str]) -> dict[str, Pointer]:
        """Every projection has a pointer afterwards: to what the database holds, or to the code where it holds nothing."""
        known = await self.all()
        for projection in projections:
            if projection.name not in known:
                version = await self._held(projection, topics)
                first = Build(version, 1, LIVE, now())
                pointer = Pointer(projection.name, version, 1, now(), (first,), {str(version): 1})
                try:
                    await self._documents.insert(_document(pointer))
                    reach("live.begun")
                except AlreadyThere:  # another process of this service has just begun
                    pointer = await self.get(projection.name) or pointer
                known[projection.name] = pointer
        return known

    async def _held(self, projection: Projection, topics: Mapping[str, str]) -> int:
        """The newest version up to the code's that was ever folded here; the code's own when none was."""
        for version in range(projection.version, 0, -1) if projection.version > 1 else ():
            consumer = msgspec.structs.replace(projection, version=version, build=1).consumer(self._service)
            for source in projection.sources:
                if await self._state.checkpoints(consumer, topics[source]):
                    return version
        return projection.version


def _pointer(document: Document) -> Pointer:
    return msgspec.convert({**document, "name": document["_id"]}, Pointer)


def _document(pointer: Pointer) -> Document:
    found: Document = msgspec.to_builtins(pointer)
    return {"_id": found.pop("name"), **found}


class NotLive(Unavailable):
    """This process's code has another version of a read model than the one that is read."""

    def __init__(self, service: str, projection: Projection, pointer: Pointer) -> None:
        super().__init__(
            f"{projection.name} is version {projection.version} in this release, version {pointer.version} is live: "
            f"run tidu rebuild {service} {projection.name} with this release, or run the release of the live version"
        )


class Live:
    """What a process knows of the pointers: read again by whoever looks a quarter of a second later."""

    def __init__(self, service: str, projections: Sequence[Projection], state: StateStore) -> None:
        self.pointers = Pointers(service, state)
        self._service, self._state = service, state
        self.projections = {projection.name: projection for projection in projections}
        self._known: dict[str, Pointer] = {}
        self._at = float("-inf")
        self._lock = asyncio.Lock()

    async def fresh(self) -> dict[str, Pointer]:
        async with self._lock:
            began = time.monotonic()
            if began - self._at > FRESH_SECONDS:
                self._known, self._at = await self.pointers.all(), began
            return self._known

    async def read(self, name: str) -> Projection:
        """The build that is read now. Raises Unavailable when this code cannot read it."""
        projection, pointer = self.projections[name], (await self.fresh()).get(name)
        if pointer is None:
            raise Unavailable(f"the read model {name} has not been begun yet")
        if pointer.version != projection.version:
            raise NotLive(self._service, projection, pointer)
        return pointer.live.of(projection)

    async def misfits(self) -> dict[str, str]:
        """What is not live in this release, and the way out."""
        known = await self.fresh()
        return {
            f"read model {name}": str(NotLive(self._service, projection, known[name]))
            for name, projection in self.projections.items()
            if name in known and known[name].version != projection.version
        }

    def view(self, name: str, *, pinned: bool = False) -> "LiveDocuments":
        if name not in self.projections:
            raise LookupError(f"{self._service} has no projection {name!r}")
        return LiveDocuments(self, self._state, name, pinned)


class LiveDocuments:
    """A read model's documents, of whichever build is live at each look; `pinned`: of one build for one request."""

    def __init__(self, live: Live, state: StateStore, name: str, pinned: bool) -> None:
        self._live, self._state, self._name, self._pinned = live, state, name, pinned
        self._found: Documents | None = None

    async def _documents(self) -> Documents:
        if self._found is not None:
            return self._found
        found = self._state.documents((await self._live.read(self._name)).collection)
        if self._pinned:
            self._found = found
        return found

    async def get(self, id: str) -> Document | None:
        return await (await self._documents()).get(id)

    async def find(self, where: Filter, *, sort: Sequence[str] = (), skip: int = 0, limit: int = 100) -> list[Document]:
        return await (await self._documents()).find(where, sort=sort, skip=skip, limit=limit)

    async def count(self, where: Filter) -> int:
        return await (await self._documents()).count(where)

    async def insert(self, document: Document) -> None:
        raise TypeError(f"{self._name} is written by its consumer alone")

    async def replace(self, document: Document, where: Filter | None = None, *, upsert: bool = False) -> bool:
        raise TypeError(f"{self._name} is written by its consumer alone")

    async def update(self, id: str, fields: Mapping[str, Any], where: Filter | None = None) -> bool:
        raise TypeError(f"{self._name} is written by its consumer alone")

    async def delete(self, where: Filter) -> int:
        raise TypeError(f"{self._name} is written by its consumer alone")
