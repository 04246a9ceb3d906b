"""How an operator asks running consumers for something, and gets to know what came of it."""

import asyncio
import os
import time
from typing import Any

from libs.events.clock import wall_seconds
from libs.events.flow.parking import ANSWERS, COLLECTION, REQUESTS
from libs.events.points import reach
from libs.events.store.ports import Document, StateStore

PATIENCE_SECONDS = 15.0


class NothingParked(LookupError):
    """Nothing of this consumer waits under this key."""


class NoAnswer(Exception):
    """No running process has dealt with the request in time."""


async def first_of(state: StateStore, consumer: str, key: str) -> Document:
    """The first record that waits. Raises NothingParked."""
    found = await state.documents(COLLECTION).find({"consumer": consumer, "key": key}, sort=("n",), limit=1)
    if not found:
        raise NothingParked(f"nothing of {consumer} is parked under {key}")
    return found[0]


async def ask(
    state: StateStore, parked: Document, more: dict[str, Any], patience: float = PATIENCE_SECONDS
) -> dict[str, Any]:
    """What came of a retry or a discard, as the process that owns the key's shard says. Raises NoAnswer."""
    consumer, key, nonce = parked["consumer"], parked["key"], os.urandom(8).hex()
    request = {"_id": f"{consumer}|{key}", "consumer": consumer, "key": key, "ask": nonce, **more}
    await state.documents(REQUESTS).replace({**request, "topic": parked["record"]["topic"]}, upsert=True)
    reach("parking.asked")
    until = time.monotonic() + patience
    while time.monotonic() < until:
        answer = await state.documents(ANSWERS).get(request["_id"])
        if answer is not None and answer["ask"] == nonce:
            return answer
        await asyncio.sleep(0.1)
    raise NoAnswer(
        f"no running process has answered within {patience:.0f} s: is the service up and its store there (tidu status)? "
        "The request stays and is carried out when it is"
    )


async def ask_everybody(state: StateStore, consumer: str, shards: int, patience: float = PATIENCE_SECONDS) -> list[int]:
    """Let a stopped consumer go on in every process; the shards in which it was stopped. Raises NoAnswer."""
    lots = [lot for lot in await _topics(state) if lot[0] == consumer or lot[0].startswith(f"{consumer}|")]
    if not lots:
        raise NoAnswer(f"nothing of {consumer} is parked, so it was not stopped by the parking lot")
    resumed: set[int] = set()
    for topic in sorted({topic for _, topic in lots}):
        resumed |= await _ask_processes(state, consumer, topic, shards, patience)
    return sorted(resumed)


async def _topics(state: StateStore) -> list[tuple[str, str]]:
    parked = await state.documents(COLLECTION).find({}, limit=100_000)
    return sorted({(d["consumer"], d["record"]["topic"]) for d in parked})


async def _ask_processes(state: StateStore, consumer: str, topic: str, shards: int, patience: float) -> set[int]:
    id, nonce = f"resume|{consumer}|{topic}", os.urandom(8).hex()
    request = {"_id": id, "kind": "resume", "consumer": consumer, "topic": topic, "ask": nonce}
    requests = state.documents(REQUESTS)
    await requests.replace({**request, "until": wall_seconds() + patience}, upsert=True)
    reach("parking.asked")
    until, covered, resumed = time.monotonic() + patience, set[int](), set[int]()
    while covered != set(range(shards)) and time.monotonic() < until:
        await asyncio.sleep(0.1)
        answers = await state.documents(ANSWERS).find({"request": id, "ask": nonce}, limit=1_000)
        covered = {shard for answer in answers for shard in answer.get("shards", [])}
        resumed = {shard for answer in answers for shard in answer.get("resumed", [])}
    await requests.delete({"_id": id})
    reach("parking.asked")
    if covered != set(range(shards)):
        raise NoAnswer(f"not all shards of {topic} are read by a running process: asked in {len(covered)} of {shards}")
    return resumed
