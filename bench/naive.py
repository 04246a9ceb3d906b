"""The obvious way: a FastStream subscriber with a pydantic body that writes one upsert per event, majority and journal."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from typing import Any

from faststream import Header
from faststream.kafka import KafkaBroker
from pydantic import BaseModel
from pymongo import WriteConcern

from bench.folds import check_sum
from bench.frame import check_count
from bench.logs import Log
from bench.models import case_status, hashed
from bench.streams.casefold import FIELDS, STATUS
from libs.events.flow.parity import Sum
from libs.events.store.mongo import connect

DURABLE = WriteConcern("majority", j=True)


class CaseEvent(BaseModel):
    """What the six events say, as far as the read model wants it."""

    application: str
    enterprise: str
    enterprise_name: str | None = None
    authority: str | None = None
    region: str | None = None
    tier: str | None = None
    batch: str | None = None
    verdict: str | None = None
    low: str | None = None
    high: str | None = None
    level: str | None = None
    officer: str | None = None
    unlocked: list[str] | None = None
    changed: list[str] | None = None
    submission: str | None = None


def upsert(name: str, event: CaseEvent) -> dict[str, Any]:
    fields = {field: getattr(event, field) for field in FIELDS[name]}
    status = {"status": STATUS[name]} if name in STATUS else {}
    first = {} if status else {"status": "none"}
    return {
        "$set": {**fields, **status},
        "$inc": {"events": 1, "returns": int(name == "ApplicationReturned")},
        **({"$setOnInsert": first} if first else {}),
    }


async def naive(bootstrap: str, store_uri: str, topic: str, log: Log, wanted: Sum) -> float:
    """Events/s from the first event to the last; the documents must be the oracle's."""
    client = connect(store_uri)
    collection = client["review"].get_collection(f"naive_{uuid.uuid4().hex[:8]}", write_concern=DURABLE)
    broker = KafkaBroker(bootstrap, logger=None)
    times: list[float] = []
    done = asyncio.Event()

    @broker.subscriber(topic, group_id=f"naive-{uuid.uuid4().hex}", auto_offset_reset="earliest")
    async def take(body: CaseEvent, ce_type: str = Header()) -> None:
        if not times:
            times.append(time.perf_counter())
        await collection.update_one({"_id": body.application}, upsert(ce_type.split(".")[1], body), upsert=True)
        times.append(time.perf_counter())
        if len(times) > log.events:
            done.set()

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        await broker.start()
        async with asyncio.timeout(300):
            await done.wait()
        await broker.stop()
        documents = {d.pop("_id"): d async for d in collection.find({})}
        check_count(log.events, len(times) - 1, "events handled the obvious way")
        check_sum(wanted, hashed(case_status, documents))
        await collection.drop()
    finally:
        await broker.stop()
        client.close()
    return log.events / (times[-1] - times[0])
