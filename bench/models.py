"""An ordinary read model over the log of `bench.logs`, and what it must hold: the same fold without topic, hash or store."""

from __future__ import annotations

from typing import Any

import msgspec

from bench.logs import SERVICE, Log, commits
from bench.streams.casefold import FIELDS, STATUS, fold
from libs.events.contracts import review as r
from libs.events.flow.parity import Sum, summed
from libs.events.flow.projections import Document, Projection
from libs.events.recorded import Recorded
from libs.events.store.mongo_state import MongoState

HANDLES = (
    r.CaseOpened, r.ScoreNoted, r.ReviewStarted, r.ApplicationReturned, r.RoundOpened, r.CaseTakenOver,
)  # fmt: skip


def _apply(document: Document | None, event: Recorded[Any]) -> Document:
    """The same for a decoded event; tuples become lists, as in the bodies."""
    data, name = event.data, type(event.data).__name__
    before = document or {"status": "none", "events": 0, "returns": 0}
    taken = {field: getattr(data, field) for field in FIELDS[name]}
    return {
        **before,
        **{field: list(value) if type(value) is tuple else value for field, value in taken.items()},
        "status": STATUS.get(name, before["status"]),
        "events": before["events"] + 1,
        "returns": before["returns"] + (name == "ApplicationReturned"),
    }


def _key(event: Recorded[Any]) -> str:
    return str(event.data.application)


case_status = Projection("case_status", 1, (SERVICE,), HANDLES, _key, _apply, (("authority", "region", "status"),))


def statuses() -> Projection:
    """What a process that folds imports is this module and not a whole suite, as the product's imports its service."""
    return case_status


def wide_statuses() -> Projection:
    """The same under another name, to be folded from another topic."""
    return msgspec.structs.replace(case_status, name="wide")


def oracle(log: Log) -> Sum:
    """Folded from the commits themselves, by the plain fold: count and hash of all documents."""
    found: dict[str, Document] = {}
    for shard in range(log.shards):
        for commit in commits(log, shard):
            for stored in commit.events:
                body = msgspec.json.decode(stored.body)
                key = body["application"]
                found[key] = fold(found.get(key), stored.type.split(".")[1], body)
    return hashed(case_status, found)


def hashed(projection: Projection, documents: dict[str, Document]) -> Sum:
    found = Sum()
    summed(projection, [{"_id": key, **document} for key, document in documents.items()], found)
    return found


async def stored(state: MongoState, projection: Projection) -> Sum:
    """Count and hash of what a collection holds."""
    found, after = Sum(), ""
    while page := await state.documents(projection.collection).find(
        {"_id": {"$gt": after}}, sort=("_id",), limit=2_000
    ):
        summed(projection, page, found)
        after = page[-1]["_id"]
    return found
