"""What the demo's stories left behind, and how to look at it."""

from dataclasses import dataclass
from typing import Any

import msgspec
from aiokafka import TopicPartition

from deploy.cli.logs_access import open_logs
from deploy.cli.verify import Side, verify_stack
from deploy.demo.client import User
from deploy.demo.filing import Filing
from deploy.demo.run import Result
from deploy.demo.stories import Outcome, Stories
from deploy.demo.world import World
from deploy.local.stack import Stack
from libs.events.audit.verify import Report
from libs.events.codec import decode
from libs.events.contracts.actors import parse_actor
from libs.events.contracts.base import SERVICES
from libs.events.contracts.times import parse_time
from libs.events.envelope import Commit
from libs.events.flow.clients import reading
from libs.events.recorded import Recorded


@dataclass(frozen=True)
class Tale:
    stack: Stack
    world: World
    stories: Stories
    steps: list[tuple[str, str]]
    result: Result

    def filing(self, name: str) -> Filing:
        return self.stories.filings[name]

    def outcome(self, case: str) -> Outcome:
        return next(outcome for outcome in self.stories.outcomes if outcome.case == case)

    def officer(self, name: str) -> User:
        return self.world.officers[name]

    async def case(self, name: str, officer: str) -> dict[str, Any]:
        filing = self.filing(name)
        return await filing.at_review(filing.officer(officer))

    async def score(self, name: str) -> dict[str, Any]:
        filing = self.filing(name)
        return dict(await filing.user.get(f"/assessment/scores/{filing.enterprise.id}/{filing.application}"))


async def commits_of(stack: Stack, service: str) -> list[Commit]:
    """A service's whole log, shard by shard, as an auditor reads it."""
    async with open_logs(stack) as logs:
        store, found = logs[service], list[Commit]()
        for shard in range((await store.meta()).shards):
            after = 0
            while page := await store.read_shard(shard, after, 500):
                found += page
                after = page[-1].last_position
        return found


async def said(stack: Stack, service: str, name: str) -> list[tuple[str, dict[str, Any]]]:
    """(event id, body) of every event of this name."""
    return [
        (event.id, msgspec.json.decode(event.body))
        for commit in await commits_of(stack, service)
        for event in commit.events
        if event.type == f"{service}.{name}.v1"
    ]


async def recorded(stack: Stack, service: str) -> list[Recorded[Any]]:
    """A service's events as reactions meet them."""
    return [
        Recorded(
            decode(event.type, event.body), event.id, event.type, service, commit.stream, commit.version + n,
            commit.partition_key, commit.shard, commit.position + n, event.hash, parse_time(commit.recorded_at),
            int(commit.clock, 16), parse_actor(commit.actor), commit.correlation_id, commit.causation_id, "",
        )
        for commit in await commits_of(stack, service)
        for n, event in enumerate(commit.events)
    ]  # fmt: skip


async def topics_of(stack: Stack) -> list[str]:
    """Every topic but the broker's own."""
    async with reading(stack.kafka) as kafka:
        return [topic for topic in await kafka.topics() if not topic.startswith("__")]


async def records_of(stack: Stack, topic: str) -> list[Any]:
    """A topic from its first record to its last, each partition in order."""
    found: list[Any] = []
    async with reading(stack.kafka) as kafka:
        known = await kafka._client.fetch_all_metadata()
        places = [TopicPartition(topic, n) for n in sorted(known.partitions_for_topic(topic))]
        kafka.assign(places)
        await kafka.seek_to_beginning(*places)
        ends = await kafka.end_offsets(places)
        while [place for place in places if await kafka.position(place) < ends[place]]:
            for records in (await kafka.getmany(timeout_ms=200)).values():
                found += records
    return found


async def verified(stack: Stack) -> list[Report]:
    """Every shard of every log, in store and topic."""
    return await verify_stack(stack, list(SERVICES), Side.both, quiet=True)


async def assert_sound(stack: Stack) -> None:
    """Every log verifies, nothing is parked, and nobody was told anything twice."""
    faults = [fault for report in await verified(stack) for fault in report.faults]
    assert not faults
    posted = await said(stack, "notifications", "MessagePosted")
    told = [(body["cause"], msgspec.json.encode(body["recipient"])) for _, body in posted]
    assert len(told) == len(set(told))
