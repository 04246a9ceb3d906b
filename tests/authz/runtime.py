"""A service in memory behind its real HTTP app: real tables, tokens and follower; its past is written straight into the log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import FastAPI

from libs.events.access import AccessNotes
from libs.events.attesting import attesting_decider
from libs.events.clock import BusinessClock
from libs.events.codec import encode
from libs.events.contracts.actors import Actor
from libs.events.contracts.base import SERVICES, Event
from libs.events.contracts.times import parse_time, time_text
from libs.events.envelope import Commit, StoredEvent
from libs.events.fingerprint import Fingerprints
from libs.events.flow.follower import Follower
from libs.events.flow.live import Live
from libs.events.handling import Handler
from libs.events.ids import make_id
from libs.events.names import partition_key_of
from libs.events.observe import Figures
from libs.events.policies import PolicyIndex, policy_decider
from libs.events.publishing import publish_policies
from libs.events.recorded import Recorded
from libs.events.runtime import Runtime
from libs.events.sealing import Sealer, StoredKeys
from libs.events.service import Service
from libs.events.store.memory import MemoryCommits, MemoryState
from libs.events.web.app import make_app
from libs.events.web.authorization import load_table
from libs.events.web.desk import events_of

ORIGIN = "http://127.0.0.1:8080"


class Wall:
    """A wall clock that stands still."""

    def __init__(self, start: datetime) -> None:
        self.now = int(start.timestamp() * 1000)

    def __call__(self) -> int:
        return self.now


def _cheap(service: Service) -> dict[str, Any]:
    """Passwords that cost nothing, where there are any."""
    return {"argon2_memory_kib": 64, "argon2_rounds": 1} if service.name == "identity" else {}


class QuietRuntime(Runtime):
    """No broker, no reactions: what is asked of it changes nothing but itself."""

    def __init__(self, service: Service, follower: Follower, wall: Wall) -> None:
        assert service.policies is not None
        settings = service.settings(profile="test", deployment="test", origin=ORIGIN, **_cheap(service))
        self.service, self.settings, self.role, self.wall = service, settings, "api", wall
        self.business, self.figures, self.policies = BusinessClock(wall), Figures(service.name), PolicyIndex()
        self.table = load_table(service.policies / "authorization.yaml")
        self.store, self.state_store = MemoryCommits(), MemoryState()
        self.keys = StoredKeys(
            self.documents("subject_keys"), settings.master_key.get_secret_value(), self.documents("erasures")
        )
        self.sealer = Sealer(self.keys, settings.deployment, "pepper")
        self.notes = AccessNotes(self.documents("personal_reads"))
        self.follower = follower
        self.projections, self.reactions = list(service.projections), []
        self.live = Live(service.name, self.projections, self.state_store)

    async def begin(self) -> None:
        self.handler = Handler(
            self.service.name, [*self.service.aggregates, policy_decider, attesting_decider], self.store, await self.store.meta(),
            self.policies, self.wall, Fingerprints("0:secret"), self._committed,
        )  # fmt: skip
        await self.live.pointers.settle(self.projections, {name: name for name in SERVICES})
        await publish_policies(self)
        for hook in self.service.on_start:
            await hook(self)

    def _committed(self, commit: Commit) -> None:
        self.policies.take([commit])
        self._follow(events_of(commit))

    def _follow(self, events: Sequence[Event]) -> None:
        if self.service.name == "identity":
            for event in events:
                self.follower._apply(event)

    async def tell(self, stream: str, events: Sequence[Event]) -> None:
        """These events are what the log says of a stream, and the read models have them."""
        self._follow(events)
        shard, before = self.handler.shard(stream), await self.handler.fold(stream)
        for n, data in enumerate(events, start=before.version + 1):
            position = (await self.store.head(shard)).position + 1
            commit = self._commit(stream, shard, n, position, data)
            assert await self.store.append([commit]) is None
            await self._project(_recorded(commit, n, data))

    def _commit(self, stream: str, shard: int, n: int, position: int, data: Event) -> Commit:
        type_, body = encode(self.service.name, data)
        id_ = make_id("told", stream, str(n))
        return Commit(
            id=id_, fingerprint="", envelope=1, source=f"/tidu/test/1/{self.service.name}",
            partition_key=partition_key_of(stream), shard=shard, position=position, last_position=position, stream=stream,
            version=n, last_version=n, reads=[], recorded_at=time_text(data.received_at), clock=f"{n:016x}",
            actor=f"service:{self.service.name}", correlation_id=id_, causation_id=id_, traceparent="",
            events=[StoredEvent(f"{id_}.1", type_, body, "0" * 64)], previous_hash="0" * 64, hash="0" * 64,
        )  # fmt: skip

    async def _project(self, event: Recorded[Any]) -> None:
        for projection in self.projections:
            if type(event.data) in projection.handles and (key := projection.key(event)) is not None:
                documents = self.documents(projection.collection)
                changed = projection.apply(await documents.get(key), event)
                if changed is not None:
                    await documents.replace({**changed, "_id": key}, upsert=True)


def _recorded(commit: Commit, n: int, data: Event) -> Recorded[Any]:
    return Recorded(
        data=data, id=f"{commit.id}.1", type=commit.events[0].type, service=commit.source.rsplit("/", 1)[1],
        stream=commit.stream, version=n, partition_key=commit.partition_key, shard=commit.shard, position=commit.position,
        hash="", time=parse_time(commit.recorded_at), clock=n, actor=Actor("service", "review"),
        correlation_id=commit.id, causation_id=commit.id, traceparent="",
    )  # fmt: skip


def app_of(runtime: Runtime) -> FastAPI:
    """The very app that is served; nobody starts the runtime's tasks."""
    return make_app(runtime)
