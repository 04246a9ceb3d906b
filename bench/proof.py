"""Nothing lost, nothing doubled: what was acknowledged stands in the logs as it was acknowledged, and reached its readers."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import httpx

from bench.frame import Lost
from bench.people import Person, Receipt
from deploy.cli.logs_access import open_logs
from deploy.cli.verify import Side, verify_stack
from deploy.local.stack import Stack
from libs.events.contracts.base import SERVICES
from libs.events.store.ports import CommitStore

PORTION = 500
LEVEL_WITHIN = 180.0
_FIGURE = re.compile(r"^(tidu_lag_records|tidu_unrelayed_seconds|tidu_parked_records)\{[^}]*\} (\S+)$", re.M)


async def backlog(stack: Stack, http: httpx.AsyncClient) -> Counter[str]:
    """Records not yet fetched, seconds not yet relayed, records parked: of all services together."""
    found: Counter[str] = Counter()
    for service in SERVICES:
        text = (await http.get(f"{stack.service_url(service)}/metrics")).text
        for name, value in _FIGURE.findall(text):
            found[name] += float(value)  # type: ignore[assignment]
    return found


async def until_level(stack: Stack) -> float:
    """Wait until nothing is unrelayed and nobody has anything left to read; how many seconds that took. Raises Lost."""
    began, calm = time.perf_counter(), 0
    async with httpx.AsyncClient(timeout=30) as http:
        while calm < 3:
            found = await backlog(stack, http)
            if found["tidu_parked_records"]:
                raise Lost(f"{found['tidu_parked_records']} records are parked")
            busy = found["tidu_lag_records"] or found["tidu_unrelayed_seconds"]
            if time.perf_counter() - began > LEVEL_WITHIN:
                raise Lost(f"not level after {LEVEL_WITHIN:.0f} s: {dict(found)}")
            calm = 0 if busy else calm + 1
            await asyncio.sleep(0.3)
    return time.perf_counter() - began


async def prove(stack: Stack, people: Iterable[Person], submissions: Sequence[Receipt] = ()) -> int:
    """Every receipt's commit is there, where and as it was said; each submission reached review once; all chains hold
    in store and topic. How many receipts. Raises Lost."""
    receipts = [receipt for person in people for receipt in person.receipts]
    by_service: dict[str, list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        by_service[receipt.service].append(receipt)
    await until_level(stack)
    async with open_logs(stack) as logs:
        for service, told in by_service.items():
            await _there(logs[service], told)
        if submissions:
            await _once(logs["review"], submissions)
    reports = await verify_stack(stack, list(SERVICES), Side.both, quiet=True)
    if faults := [fault for report in reports for fault in report.faults]:
        raise Lost(f"{len(faults)} faults in the logs, the first: {faults[0]}")
    return len(receipts)


async def _there(store: CommitStore, told: Sequence[Receipt]) -> None:
    """A commit's id is its command's, and unique: it can be there once or not at all."""
    for start in range(0, len(told), PORTION):
        portion = told[start : start + PORTION]
        found = await store.find([receipt.command for receipt in portion])
        for receipt in portion:
            commit = found.get(receipt.command)
            if commit is None:
                raise Lost(f"the acknowledged command {receipt.command} at {receipt.place} is not in the log")
            said = (receipt.shard, receipt.position, receipt.content["hash"])
            if (commit.shard, commit.last_position, commit.hash) != said:
                raise Lost(f"the command {receipt.command} stands elsewhere than {receipt.place}, or otherwise")


async def _once(store: CommitStore, submissions: Sequence[Receipt]) -> None:
    """Each submission's event is the cause of exactly one commit of review."""
    causes: Counter[str] = Counter()
    for shard in {receipt.shard for receipt in submissions}:
        after = 0
        while page := await store.read_shard(shard, after, PORTION):
            causes.update(commit.causation_id for commit in page)
            after = page[-1].last_position
    for receipt in submissions:
        if (times := causes[event := receipt.content["events"][0]["id"]]) != 1:
            raise Lost(f"the submission {event} was taken up {times} times by review")
