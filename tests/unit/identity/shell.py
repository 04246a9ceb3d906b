"""Identity's whole shell on the memory store: HTTP in, events out; read models, reactions and the follower run at once."""

from datetime import datetime
from itertools import count
from typing import Any

import httpx
import msgspec
from fastapi import FastAPI
from pydantic import SecretStr

from libs.events.access import AccessNotes
from libs.events.clock import BusinessClock
from libs.events.contracts.actors import parse_actor
from libs.events.contracts.base import SERVICES
from libs.events.contracts.times import parse_time
from libs.events.decider import Command
from libs.events.envelope import Commit
from libs.events.fingerprint import Fingerprints
from libs.events.flow.follower import Follower
from libs.events.flow.live import Live
from libs.events.handling import Handler
from libs.events.ids import reaction_id
from libs.events.observe import Figures
from libs.events.policies import PolicyIndex, policy_decider
from libs.events.publishing import publish_policies
from libs.events.recorded import Recorded
from libs.events.runtime import Runtime
from libs.events.sealing import Sealer, StoredKeys
from libs.events.store.memory import MemoryCommits, MemoryState
from libs.events.web import problems
from libs.events.web.authorization import load_table
from libs.events.web.desk import events_of
from services.identity.app import service
from services.identity.settings import Settings

ADMIN_LOGIN, ADMIN_PASSWORD = "system@tidu", "administrator-of-tests-1"
ORIGIN = "http://127.0.0.1:8080"


class Wall:
    """A wall clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self.now = int(start.timestamp() * 1000)

    def __call__(self) -> int:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


class MemoryRuntime(Runtime):
    """The runtime without broker: what is committed reaches the follower, the read models and the reactions at once."""

    def __init__(self, settings: Settings, wall: Wall) -> None:
        self.service, self.settings, self.role, self.wall = service, settings, "api", wall
        self.business = BusinessClock(wall)
        self.figures, self.policies = Figures("identity"), PolicyIndex()
        assert service.policies is not None
        self.table = load_table(service.policies / "authorization.yaml")
        self.store, self.state_store = MemoryCommits(), MemoryState()
        master = settings.master_key.get_secret_value()
        self.keys = StoredKeys(self.documents("subject_keys"), master, self.documents("erasures"))
        self.sealer = Sealer(self.keys, settings.deployment, "pepper")
        self.notes = AccessNotes(self.documents("personal_reads"))
        self.follower = Follower("", "identity.events", self.business)
        self.follower._level_at = float("inf")
        self.projections, self.reactions = list(service.projections), list(service.reactions)
        self.live = Live("identity", self.projections, self.state_store)
        self.commits: list[Commit] = []

    async def begin(self) -> None:
        self.handler = Handler(
            "identity", [*service.aggregates, policy_decider], self.store, await self.store.meta(), self.policies,
            self.wall, Fingerprints("0:secret"), self._committed,
        )  # fmt: skip
        await self.live.pointers.settle(self.projections, {name: name for name in SERVICES})
        await publish_policies(self)
        for hook in service.on_start:
            await hook(self)
        await self.settle()

    def _committed(self, commit: Commit) -> None:
        self.policies.take([commit])
        self.commits.append(commit)
        for event in events_of(commit):
            self.follower._apply(event)

    async def settle(self) -> None:
        """Reactions and read models of everything committed so far."""
        while self.commits:
            commit = self.commits.pop(0)
            for n, data in enumerate(events_of(commit), start=1):
                event = _recorded(commit, n, data)
                await self._project(event)
                await self._react(event)

    async def _project(self, event: Recorded[Any]) -> None:
        for projection in self.projections:
            if type(event.data) in projection.handles and (key := projection.key(event)) is not None:
                documents = self.documents(projection.collection)
                changed = projection.apply(await documents.get(key), event)
                assert changed is not None
                await documents.replace({**changed, "_id": key}, upsert=True)

    async def _react(self, event: Recorded[Any]) -> None:
        for reaction in self.reactions:
            if reaction.source == "identity" and type(event.data) in reaction.handles:
                for command in reaction.react(event):
                    await self.handle(self._named(command, event, reaction.name), cause=event)

    def _named(self, command: Command, event: Recorded[Any], name: str) -> Command:
        id_ = reaction_id(event.id, name, command.stream)
        return msgspec.structs.replace(command, id=id_, actor=self.actor)


def _recorded(commit: Commit, n: int, data: Any) -> Recorded[Any]:
    return Recorded(
        data=data, id=f"{commit.id}.{n}", type="", service="identity", stream=commit.stream, version=commit.version,
        partition_key=commit.partition_key, shard=commit.shard, position=commit.position, hash="",
        time=parse_time(commit.recorded_at), clock=int(commit.clock, 16), actor=parse_actor(commit.actor), correlation_id=commit.id,
        causation_id=commit.id, traceparent=commit.traceparent,
    )  # fmt: skip


# An object's id would come again, and with it another browser's Idempotency-Keys.
_NAMES = count()


class Browser:
    """Somebody at a machine: remembers cookies and the token."""

    def __init__(self, app: FastAPI, runtime: MemoryRuntime, address: str = "10.0.0.1") -> None:
        transport = httpx.ASGITransport(app, client=(address, 1))
        self.http = httpx.AsyncClient(transport=transport, base_url=f"{ORIGIN}/api/identity")
        self.runtime, self.token, self._n = runtime, "", 0
        self._name = next(_NAMES)
        self.address = address

    async def ask(self, method: str, path: str, body: Any = None, key: str = "", **headers: str) -> httpx.Response:
        self._n += 1
        named = {"Idempotency-Key": key or f"{self._name}-{self._n}", **headers}
        if self.token:
            named["Authorization"] = f"Bearer {self.token}"
        response = await self.http.request(method, path, json=body, headers=named)
        await self.runtime.settle()
        return response

    async def get(self, path: str) -> httpx.Response:
        return await self.ask("GET", path)

    async def post(self, path: str, body: Any = None, key: str = "", **headers: str) -> httpx.Response:
        return await self.ask("POST", path, body, key, **headers)

    async def sign_in(self, login: str, password: str, **more: Any) -> httpx.Response:
        response = await self.post("/session", {"login": login, "password": password, **more})
        if response.status_code == 200:
            self.token = response.json()["access_token"]
        return response


class Stage:
    """A deployment in memory."""

    def __init__(self, runtime: MemoryRuntime, wall: Wall) -> None:
        self.runtime, self.wall = runtime, wall
        self.app = FastAPI()
        self.app.state.runtime = runtime
        problems.install(self.app)
        for router in service.routers:
            self.app.include_router(router, prefix="/api/identity")

    def browser(self, address: str = "10.0.0.1") -> Browser:
        return Browser(self.app, self.runtime, address)

    async def administrator(self) -> Browser:
        browser = self.browser("10.9.9.9")
        assert (await browser.sign_in(ADMIN_LOGIN, ADMIN_PASSWORD)).status_code == 200
        return browser


async def open_stage(start: datetime, password: str = ADMIN_PASSWORD, **settings: Any) -> Stage:
    wall = Wall(start)
    chosen = Settings(
        profile="test", deployment="test", system_admin_login=ADMIN_LOGIN,
        system_admin_password=SecretStr(password), argon2_memory_kib=64, argon2_rounds=1,
        **{"origin": ORIGIN, **settings},
    )  # fmt: skip
    runtime = MemoryRuntime(chosen, wall)
    await runtime.begin()
    return Stage(runtime, wall)
