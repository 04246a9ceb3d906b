"""名单: one document per list with its counts, period and document; the members are read from the list itself."""

from typing import Any

import msgspec

from libs.events.contracts.actors import covering
from libs.events.contracts.review import (
    ListAnnounced,
    ListAnswersNoted,
    ListFrozen,
    ListProgressed,
    ListPublicityEnded,
    ListPublicityRecounted,
    ListPublished,
)
from libs.events.contracts.times import time_text
from libs.events.recorded import Recorded

NAME, VERSION, SOURCES = "lists", 2, ("review",)
HANDLES = (
    ListFrozen, ListAnswersNoted, ListPublished, ListPublicityRecounted, ListPublicityEnded, ListAnnounced,
    ListProgressed,
)  # fmt: skip
INDEXES = (("authority", "covering", "frozen_at"), ("status", "frozen_at"))

Document = dict[str, Any]


def key(event: Recorded[Any]) -> str:
    return str(event.data.list)


def apply(document: Document | None, event: Recorded[Any]) -> Document | None:
    data = event.data
    if isinstance(data, ListFrozen):
        return _frozen(data)
    if document is None:
        return None
    match data:
        case ListAnswersNoted():
            declined = document["declined"] + len(data.declined)
            accepted = document["accepted"] + data.size - len(data.declined)
            complete = accepted + declined == document["count"]
            status = "frozen" if complete else document["status"]
            return document | {"accepted": accepted, "declined": declined, "status": status}
        case ListPublished():
            return document | {"status": "published", **_period(data)}
        case ListPublicityRecounted():
            return document | _period(data)
        case ListPublicityEnded():
            return document | {"status": "ended"}
        case ListAnnounced():
            announced_on = data.announced_on.isoformat()
            return document | {"status": "announced", "document": data.document, "announced_on": announced_on}
        case ListProgressed():
            progress = {**document["progress"], data.doing: {"done": data.done, "of": data.of}}
            return document | {"progress": progress}
        case _:
            return document


def _period(data: ListPublished | ListPublicityRecounted) -> Document:
    days = {"starts": data.starts.isoformat(), "ends": data.ends.isoformat(), "provisional": data.provisional}
    return days | {"counted_by": msgspec.to_builtins(data.policies)}


def _frozen(data: ListFrozen) -> Document:
    return {
        "list": data.list,
        "authority": data.authority,
        "region": data.region,
        "covering": list(covering(data.region)),
        "level": data.level,
        "batch": data.batch,
        "purpose": data.purpose,
        "kind": data.kind,
        "tier": data.tier,
        "sha256": data.sha256,
        "count": data.count,
        "accepted": 0,
        "declined": 0,
        "status": "answering",
        "frozen_at": time_text(data.received_at),
        "starts": None,
        "ends": None,
        "provisional": False,
        "counted_by": [],
        "document": None,
        "announced_on": None,
        "progress": {},
    }
