"""The whole shell of `applications` on the memory store: HTTP in, events out; read models and reactions run at once."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import httpx
import msgspec
from fastapi import FastAPI, Request

from libs.events.access import AccessNotes
from libs.events.clock import BusinessClock
from libs.events.contracts.actors import Actor, Office
from libs.events.contracts.base import SERVICES, Event
from libs.events.contracts.identity import RealNameVerified
from libs.events.contracts.times import parse_time
from libs.events.decider import Command, Tick
from libs.events.envelope import Commit
from libs.events.fingerprint import Fingerprints
from libs.events.flow.live import Live
from libs.events.flow.ticks import due_dates
from libs.events.handling import Handler
from libs.events.ids import make_id, reaction_id, tick_id
from libs.events.observe import Figures
from libs.events.policies import PolicyIndex, PublishPolicy, policy_decider, read_policy_files
from libs.events.publishing import publish_policies
from libs.events.recorded import Recorded
from libs.events.runtime import Runtime
from libs.events.sealing import Sealer, StoredKeys
from libs.events.service import Service
from libs.events.settings import KernelSettings
from libs.events.store.memory import MemoryCommits, MemoryState
from libs.events.web import problems
from libs.events.web.authorization import load_table
from libs.events.web.desk import Desk, desk_of, events_of
from libs.events.web.principals import ANYONE, Principal
from services.applications.app import service
from services.applications.settings import Settings
from tests.unit.applications import kit as k

ENTERPRISE = Principal("account", k.ACCOUNT, "s", "legal", k.ENTERPRISE)
STRANGER = Principal("account", "b" * 32, "s", "legal", "f" * 32)
NATURAL = Principal("account", "d" * 32, "s", "natural", None)


def official(level: str, role: str = "reviewer", authority: str = k.JIANGSU, region: str = k.JIANGSU) -> Principal:
    return Principal("official", f"{level}1", "s", office=Office(authority, level, region, role))  # type: ignore[arg-type]


MANAGER = official("province", "window_manager")
PEOPLE = {"enterprise": ENTERPRISE, "stranger": STRANGER, "natural": NATURAL, "manager": MANAGER, "public": ANYONE}


class MemoryRuntime(Runtime):
    """The runtime without broker: what is committed reaches read models and reactions when it settles."""

    copied: Collection[str] = ("pack", "bindings")
    """The kinds of policies that the copier has brought by now from `shipping`."""
    shipping = "assessment"

    def __init__(self, now: datetime, service: Service = service, settings: KernelSettings | None = None) -> None:
        self.service, self.settings, self.role = service, settings or Settings(), "api"
        self.millis = int(now.timestamp() * 1000)
        self.wall = lambda: self.millis
        self.business = BusinessClock(self.wall)
        self.figures, self.policies = Figures(service.name), PolicyIndex()
        assert service.policies is not None
        self.table = load_table(service.policies / "authorization.yaml")
        self.store, self.state_store = MemoryCommits(), MemoryState()
        master = self.settings.master_key.get_secret_value()
        self.keys = StoredKeys(self.documents("subject_keys"), master, self.documents("erasures"))
        self.sealer = Sealer(self.keys, self.settings.deployment, "pepper")
        self.notes = AccessNotes(self.documents("personal_reads"))
        self.projections = [*service.projections, due_dates(service.name, service.aggregates)]
        self.reactions = list(service.reactions)
        self.live = Live(service.name, self.projections, self.state_store)
        self.commits: list[Commit] = []
        self._heard = 0

    async def begin(self) -> None:
        self.handler = Handler(
            self.service.name, [*self.service.aggregates, policy_decider], self.store, await self.store.meta(), self.policies,
            self.wall, Fingerprints("0:secret"), self._committed,
        )  # fmt: skip
        await self.live.pointers.settle(self.projections, {name: name for name in SERVICES})
        await publish_policies(self)
        await self._copy_rules()
        for hook in self.service.on_start:
            await hook(self)
        self.commits.clear()

    async def _copy_rules(self) -> None:
        for text in read_policy_files(k.SERVICES / self.shipping / "policy"):
            if text.kind in self.copied:
                id_, now = make_id("copied", text.id), self.business.now()
                await self.handle(PublishPolicy(id_, now, self.actor, text, text.sha256, origin=self.shipping))

    def _committed(self, commit: Commit) -> None:
        self.policies.take([commit])
        self.commits.append(commit)

    async def settle(self) -> None:
        while self.commits:
            commit = self.commits.pop(0)
            for n, data in enumerate(events_of(commit), start=1):
                event = _recorded(commit, n, data, self.service.name)
                await self._project(event)
                await self._react(self.service.name, event)

    async def hear(self, said_by: str, data: Event) -> None:
        """An event of another service arrives."""
        self._heard += 1
        event = Recorded(
            data=data, id=make_id("heard", str(self._heard)), type="", service=said_by, stream="x-y", version=1,
            partition_key="y", shard=0, position=1, hash="", time=data.received_at, clock=1,
            actor=Actor("service", said_by), correlation_id="1", causation_id="1", traceparent="",
        )  # fmt: skip
        await self._react(said_by, event)
        await self.settle()

    async def pass_to(self, moment: datetime) -> None:
        """Business time passes, and what is due becomes ticks."""
        self.millis = int(moment.timestamp() * 1000)
        due = self.view("due_dates")
        for document in await due.find({"next": {"$lte": moment.strftime("%Y-%m-%dT%H:%M:%S.999Z")}}):
            for kind, at in document["dues"].items():
                head = {"id": tick_id(document["_id"], kind, at), "received_at": moment, "actor": self.actor}
                await self.handle(Tick(**head, target=document["_id"], kind=kind, due=parse_time(at)))
        await self.settle()

    async def _project(self, event: Recorded[Any]) -> None:
        for projection in self.projections:
            if type(event.data) in projection.handles and (key := projection.key(event)) is not None:
                documents = self.documents(projection.collection)
                changed = projection.apply(await documents.get(key), event)
                if changed is None:
                    await documents.delete({"_id": key})
                else:
                    await documents.replace({**changed, "_id": key}, upsert=True)

    async def _react(self, source: str, event: Recorded[Any]) -> None:
        for reaction in self.reactions:
            if reaction.source == source and type(event.data) in reaction.handles:
                for command in reaction.react(event):
                    await self.handle(self._named(command, event, reaction.name), cause=event)

    def _named(self, command: Command, event: Recorded[Any], name: str) -> Command:
        id_ = reaction_id(event.id, name, command.stream)
        return msgspec.structs.replace(command, id=id_, actor=self.actor)


def _recorded(commit: Commit, n: int, data: Any, service: str) -> Recorded[Any]:
    return Recorded(
        data=data, id=f"{commit.id}.{n}", type="", service=service, stream=commit.stream,
        version=commit.version, partition_key=commit.partition_key, shard=commit.shard, position=commit.position,
        hash="", time=parse_time(commit.recorded_at), clock=int(commit.clock, 16),
        actor=Actor("service", service), correlation_id=commit.id, causation_id=commit.id,
        traceparent=commit.traceparent,
    )  # fmt: skip


class Stage:
    """A deployment in memory; whoever asks is named, tokens are `identity`'s matter."""

    def __init__(self, runtime: MemoryRuntime) -> None:
        self.runtime = runtime
        app = FastAPI()
        app.state.runtime = runtime
        problems.install(app)
        home = f"/api/{runtime.service.name}"
        for router in runtime.service.routers:
            app.include_router(router, prefix=home)
        app.dependency_overrides[desk_of] = self._desk
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url=f"http://t{home}")
        self.people = dict(PEOPLE)
        self._n = 0

    def _desk(self, request: Request) -> Desk:
        return Desk(self.runtime, request, self.people[request.headers.get("x-who", "public")])

    async def ask(
        self, method: str, path: str, body: Any = None, who: str = "enterprise", key: str = "", **more: Any
    ) -> httpx.Response:
        self._n += 1
        headers = {"x-who": who, "Idempotency-Key": key or f"key-{self._n}", **more.pop("headers", {})}
        response = await self.http.request(method, path, json=body, headers=headers, **more)
        await self.runtime.settle()
        return response

    async def get(self, path: str, who: str = "enterprise") -> Any:
        return (await self.ask("GET", path, who=who)).json()

    async def verified(self) -> None:
        said = RealNameVerified(
            k.EARLIER, k.ACCOUNT, k.ENTERPRISE, k.CREDIT_CODE, "南京测试传感器有限公司", "automatic"
        )
        await self.runtime.hear("identity", said)

    async def review(self, kind: type[Event], **more: Any) -> None:
        """Something that `review` says about the one filing."""
        names = kind.__struct_fields__
        fields = dict.fromkeys(names[: len(names) - len(kind.__struct_defaults__)], "x")
        known = {"received_at": self.runtime.business.now(), "enterprise": k.ENTERPRISE, "round": 1, "tier": None}
        given = {name: value for name, value in (fields | known | more).items() if name in names}
        await self.runtime.hear("review", msgspec.convert(msgspec.to_builtins(given), kind))


async def open_stage(now: datetime) -> Stage:
    runtime = MemoryRuntime(now)
    await runtime.begin()
    return Stage(runtime)
