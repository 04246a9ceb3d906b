"""The store as the kernel sees it: commits (append-only) and everything else (documents, checkpoints, blobs)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from libs.events.envelope import GENESIS, Commit

Document = dict[str, Any]
Filter = Mapping[str, Any]


class Head(msgspec.Struct, frozen=True):
    """A shard's newest commit: its last position and hash, its clock and time."""

    position: int = 0
    hash: str = GENESIS
    clock: int = 0
    recorded_at: str = ""


class Taken(msgspec.Struct, frozen=True):
    """Why an ordered append stopped at commit number `index`: `id`, `position` or `version` was taken."""

    index: int
    key: str


class Meta(msgspec.Struct, frozen=True):
    """What a deployment fixes once: P and the generation of this service's log."""

    deployment: str
    shards: int
    generation: int


class CommitStore(Protocol):
    """The append-only log of one service. Every call may raise Unavailable."""

    async def append(self, commits: Sequence[Commit]) -> Taken | None:
        """Insert in order with majority and journal; stop at the first that is taken. Those before it stand."""

    async def find(self, ids: Sequence[str]) -> dict[str, Commit]:
        """Commits by command id, read with majority."""

    async def read_stream(self, shard: int, stream: str, after: int = 0) -> list[Commit]:
        """A stream's commits beyond version `after` (the end of a commit), in order."""

    async def read_streams(self, shard: int, first: str, last: str) -> list[Commit]:
        """All commits of every stream with `first` <= name < `last`, by stream and version."""

    async def newest_of(self, shard: int, first: str, last: str) -> int:
        """The highest position at which a commit of such a stream begins, 0 without any: whether there is more to read."""

    async def read_shard(self, shard: int, after: int, limit: int) -> list[Commit]:
        """Commits that begin beyond position `after` (the end of a commit), in order."""

    async def commit_at(self, shard: int, position: int) -> Commit | None:
        """The commit that holds a position."""

    async def head(self, shard: int) -> Head: ...

    def watch(self) -> AsyncIterator[tuple[int, int]]:
        """(shard, last position) of what any process has just committed: a doorbell, not a guarantee."""

    async def clock_skew(self) -> float:
        """Seconds by which this process's wall clock is at least ahead of the store's (behind: negative)."""

    async def meta(self) -> Meta:
        """Raises Unavailable when the deployment has not been provisioned."""


class Checkpoint(msgspec.Struct, frozen=True):
    """How far a consumer has come in a shard of a topic: the last event it took, and where to read on."""

    position: int = 0
    hash: str = GENESIS
    offset: int = 0


class Move(msgspec.Struct, frozen=True):
    """A checkpoint moved by compare-and-set: from `before` (None: never written) to `after`."""

    consumer: str
    topic: str
    shard: int
    before: Checkpoint | None
    after: Checkpoint


class Write(msgspec.Struct, frozen=True):
    """One document's new content (None: delete it). With `part`, only that field of it is set.

    `there`: a deletion that must find its document, else the transaction is stale. `fresh`: a document that nobody has
    written yet, else the transaction is stale; it costs half of one that may be there.
    """

    collection: str
    key: str
    document: Document | None
    part: str | None = None
    there: bool = False
    fresh: bool = False


class Page(msgspec.Struct, frozen=True):
    """Documents in order of `_id`, and a consumer's checkpoints by (topic, shard), as of one instant."""

    documents: list[Document]
    checkpoints: dict[tuple[str, int], Checkpoint]


class Stale(Exception):
    """A checkpoint or document was not as this process thought: somebody else has moved on; nothing was written."""


class Contended(Stale):
    """Another transaction was in the same documents, or the end of one's own is not known: the same may be tried again.
    What was written after all, the compare-and-set of its checkpoints finds out: Stale then."""


class Unstorable(Exception):
    """A document that no store could hold: nothing was written."""


class StateStore(Protocol):
    """The rest of a service's database. Every call may raise Unavailable."""

    async def checkpoints(self, consumer: str, topic: str) -> dict[int, Checkpoint]: ...

    async def transact(self, writes: Sequence[Write], moves: Sequence[Move]) -> None:
        """All or nothing, majority and journal. Raises Stale, Unstorable."""

    def check(self, document: Mapping[str, Any]) -> None:
        """Raises Unstorable for a document that cannot be held."""

    async def end_abandoned(self) -> None:
        """End the transactions that killed processes have left open: until then they hold their documents."""

    async def load(self, collection: str, keys: Sequence[str]) -> dict[str, Document]: ...

    async def page(self, collection: str, after: str, limit: int, consumer: str) -> Page:
        """The next documents whose `_id` is beyond `after`, with the consumer's checkpoints of the same instant."""

    async def ensure_indexes(self, collection: str, indexes: Sequence[Sequence[str]]) -> None:
        """Each index is a list of field names, `-name` for descending."""

    async def forget(self, collection: str, consumer: str) -> None:
        """Drop a projection's documents and checkpoints together, so that it is folded again from zero."""

    def documents(self, collection: str) -> "Documents": ...

    def blobs(self) -> "Blobs": ...


class AlreadyThere(Exception):
    """An insert found the id taken."""


class Documents(Protocol):
    """A plain collection of documents with `_id`; for what is not an event (drafts, credentials, leases)."""

    async def get(self, id: str) -> Document | None: ...

    async def find(
        self, where: Filter, *, sort: Sequence[str] = (), skip: int = 0, limit: int = 100
    ) -> list[Document]: ...

    async def count(self, where: Filter) -> int: ...

    async def insert(self, document: Document) -> None:
        """Raises AlreadyThere."""

    async def replace(self, document: Document, where: Filter | None = None, *, upsert: bool = False) -> bool:
        """Replace by `_id`, only where it also matches `where`; whether something was written."""

    async def update(self, id: str, fields: Mapping[str, Any], where: Filter | None = None) -> bool:
        """Set fields; whether a document matched."""

    async def delete(self, where: Filter) -> int: ...


class Blobs(Protocol):
    """Content by id; large things live here and events hold their SHA-256."""

    async def put(self, id: str, content: bytes) -> None: ...

    async def get(self, id: str) -> bytes | None: ...
