"""A service running in a process: everything the composition root lists, wired for its role."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, Literal

import structlog

from libs.events import access, copying
from libs.events.attesting import attesting_decider, keep_attesting
from libs.events.audit.startcheck import NotTheSameLog, check_start
from libs.events.batch import Decided
from libs.events.clock import BusinessClock, Wall, system_wall
from libs.events.consuming import Consuming
from libs.events.contracts.actors import Actor
from libs.events.decider import Command, Decider
from libs.events.envelope import Commit
from libs.events.errors import Transient, Unavailable
from libs.events.fingerprint import Fingerprints
from libs.events.flow.discarding import parking_decider
from libs.events.flow.follower import Follower
from libs.events.flow.live import COLLECTION as LIVE
from libs.events.flow.live import FEEDING, Live
from libs.events.flow.projections import Projection
from libs.events.flow.reactions import Reaction
from libs.events.flow.relay import Relay
from libs.events.flow.ticks import due_dates
from libs.events.handling import Handler
from libs.events.names import category_of
from libs.events.observe import Figures
from libs.events.policies import PolicyIndex, policy_decider
from libs.events.publishing import publish_policies
from libs.events.sealing import Sealer, StoredKeys
from libs.events.service import Service
from libs.events.settings import KernelSettings
from libs.events.states import Folded
from libs.events.store.mongo import MongoCommits, connect
from libs.events.store.mongo_state import MongoState
from libs.events.store.ports import CommitStore, Documents, Meta, StateStore
from libs.events.visibility import Visibility
from libs.events.web.authorization import Table, load_table

log = structlog.get_logger("runtime")

Role = Literal["api", "relay", "consume", "all"]
CANCEL_AGAIN_SECONDS = 2.0
POLICY_POLL_SECONDS = 5.0
MOST_SKEW_SECONDS = 2.0


class Runtime:
    """`start` begins; `ready()` says what is still missing (empty: ready); `stop` ends everything in order."""

    _admits = True

    def __init__(
        self, service: Service, settings: KernelSettings, role: Role = "all", wall: Wall = system_wall
    ) -> None:
        self.service, self.settings, self.role, self.wall = service, settings, role, wall
        self.business = BusinessClock(wall)
        self.figures = Figures(service.name)
        self.policies = PolicyIndex()
        self.table: Table = {}
        if service.policies is not None and (service.policies / "authorization.yaml").exists():
            self.table = load_table(service.policies / "authorization.yaml")
        prefix = settings.prefix
        self._client = connect(settings.store_uri)
        self.store: CommitStore = MongoCommits(self._client, service.name, prefix)
        self.state_store: StateStore = MongoState(self._client, service.name, prefix)
        self._keys_client = connect(settings.keys_uri) if settings.keys_uri else self._client
        held = MongoState(self._keys_client, "tidu_keys", prefix)
        self.keys = StoredKeys(
            held.documents("subject_keys"), settings.master_key.get_secret_value(), held.documents("erasures")
        )
        self.sealer = Sealer(
            self.keys,
            settings.deployment,
            settings.pepper.get_secret_value(),
        )
        self.notes = access.AccessNotes(self.documents(access.COLLECTION), wall, settings.access_days)
        self.follower = Follower(settings.kafka, self.topic("identity"), self.business, self.sealer.forget)
        self.projections: list[Projection] = [*service.projections, due_dates(service.name, service.aggregates)]
        self.reactions: list[Reaction] = [*service.reactions, *copying.reactions(service.name, service.copies)]
        self.live = Live(service.name, self.projections, self.state_store)
        self.relay: Relay | None = None
        self.consuming = Consuming(self)
        self.read_after = Visibility(self).wait
        self.handler: Handler
        self.missing: dict[str, str] = {"process": "still starting"}
        self._admits = False
        self._tasks: list[asyncio.Task[None]] = []
        self._skew = 0.0
        self._steps: dict[str, float] = {}
        self._stopping = False
        self.on_defect: Callable[[], None] = lambda: None
        """Called when a task ends that never should: the process restarts rather than limp."""

    def topic(self, service: str) -> str:
        return f"{self.settings.prefix}{service}.events"

    # What routes and hooks use.

    def documents(self, name: str) -> Documents:
        return self.state_store.documents(name)

    def view(self, name: str, *, pinned: bool = False) -> Documents:
        """A read model's documents, of the build that is live at each look; `pinned`: of one build, for one request."""
        return self.live.view(name, pinned=pinned)

    async def handle(self, command: Command, **options: Any) -> Decided:
        """The one way a command is carried out; counted by its outcome."""
        try:
            decided = await self.handler.handle(command, **options)
        except Exception as error:
            self.figures.commands.labels(self.service.name, type(error).__name__).inc()
            raise
        self.figures.commands.labels(self.service.name, "accepted" if decided.commit else "unchanged").inc()
        return decided

    async def state(self, decider: Decider[Any], stream: str) -> Folded:
        return await self.handler.fold(stream, decider)

    @property
    def actor(self) -> Actor:
        return Actor("service", self.service.name)

    # Life.

    def start(self) -> None:
        """Begin; what is away is waited for, and `ready` says so meanwhile."""
        self.spawn(self._become_ready(), "becoming ready")

    def ready(self) -> dict[str, str]:
        missing = dict(self.missing)
        if self.role != "relay" and not self.follower.level():
            missing.setdefault("follower", self.follower.trouble() or "")
        if abs(self._skew) > MOST_SKEW_SECONDS:
            missing["clock"] = f"this process's clock is {self._skew:+.1f} s off the store's"
        for source, feed in self.consuming.feeds.items():
            if not feed.assigned:
                missing[source] = "no partitions assigned yet"
        return missing

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if self._stopping or not (task.cancelled() or task.exception()):
            return
        # A task that was cancelled although nobody is stopping died of a library's inner cancellation.
        died = None if task.cancelled() else task.exception()
        log.error("runtime.task-died", task=task.get_name(), exc_info=died)
        self.missing[task.get_name()] = repr(died) if died else "cancelled"
        self.on_defect()

    async def _become_ready(self) -> None:
        meta = await self._until("store", self._provisioned)
        self._make_handler(meta)
        if self.role != "relay":
            self.spawn(self.follower.run(), "follower")
        side_by_side = [self._until("log", self._check_start)]
        if self.role != "relay":
            side_by_side += [self._until("policies", self._load_policies), self._until("store", self._make_collections)]
        await asyncio.gather(*side_by_side)
        if self.role in ("relay", "all"):
            self._start_relay(meta)
        if self.role == "relay":
            self.consuming.watch()
            self.missing = {}
            return
        # Before anything is dated: business time is known only once identity's log has been read.
        await self._until("business time", self._follower_level)
        self.handler.gate = self._open_gate
        if self.role in ("api", "all"):
            await self._until("start", self._publish_and_hooks)
        self.spawn(self._watch_policies(), "policies")
        await self._until("read models", self.consuming.fit)
        self.spawn(self.consuming.keep_fitting(), "read models")
        self._admits = True
        if self.role in ("consume", "all"):
            await self._until("consumers", self.consuming.start)
            self.consuming.watch()
        if self.role in ("api", "all"):
            self.spawn(keep_attesting(self), "attesting")
        for companion in self.service.companions:
            self.spawn(companion(self), getattr(companion, "__name__", "companion"))
        self.missing.clear()
        await log.ainfo("runtime.ready", role=self.role, cpu=round(time.process_time(), 2), steps=self._steps)

    async def _until(self, what: str, step: Any) -> Any:
        """Try a step until what it needs is there; what each took is told with `runtime.ready`."""
        pause, began = 0.2, time.perf_counter()
        while True:
            try:
                result = await step()
            except (Unavailable, Transient) as error:
                self.missing[what] = str(error)
                await log.awarning("runtime.waiting", what=what, error=str(error))
            except NotTheSameLog as error:
                self.missing[what] = f"{error}; restore the store from the topic first (tidu restore)"
                await log.aerror("runtime.not-the-same-log", error=str(error))
                pause = 5.0
            else:
                self.missing.pop(what, None)
                self._steps[what] = round(self._steps.get(what, 0.0) + time.perf_counter() - began, 2)
                return result
            await asyncio.sleep(pause)
            pause = min(pause * 2, 3.0)

    async def _provisioned(self) -> Meta:
        meta = await self.store.meta()
        if meta.shards != self.settings.shards or meta.deployment != self.settings.deployment:
            raise Unavailable(
                f"this store is of deployment {meta.deployment} with {meta.shards} shards, "
                f"the settings say {self.settings.deployment} with {self.settings.shards}"
            )
        return meta

    def _make_handler(self, meta: Meta) -> None:
        self.handler = Handler(
            self.service.name,
            [*self.service.aggregates, policy_decider, parking_decider, attesting_decider],
            self.store,
            meta,
            self.policies,
            self.wall,
            Fingerprints(self.settings.fingerprint_secret.get_secret_value()),
            self._committed,
        )
        self.handler.gate = self._closed_gate

    def admit(self) -> None:
        """Raises Unavailable until policies and business time are known: before, every answer would be a guess."""
        if not self._admits:
            self._closed_gate()

    def _closed_gate(self) -> None:
        raise Unavailable("this process is not ready to take requests: " + "; ".join(self.missing.values()))

    def _open_gate(self) -> None:
        return

    def _committed(self, commit: Commit) -> None:
        if category_of(commit.stream) == "policy":
            self.policies.take([commit], read=False)
        if self.relay is not None:
            self.relay.took(commit)

    async def _check_start(self) -> None:
        await check_start(self.settings.kafka, self.topic(self.service.name), self.store, self.settings.shards)

    async def _follower_level(self) -> None:
        if not self.follower.level():
            raise Unavailable("identity's events have not been read yet")

    async def _load_policies(self) -> None:
        shards = range(self.settings.shards)
        for commits in await asyncio.gather(*(self.store.read_streams(n, "policy-", "policy.") for n in shards)):
            self.policies.take(commits)

    async def _watch_policies(self) -> None:
        """Policies that other processes of this service have published."""
        while True:
            await asyncio.sleep(POLICY_POLL_SECONDS)
            with suppress(Unavailable):
                self._skew = await self.store.clock_skew()
                for shard in range(self.settings.shards):
                    if await self.store.newest_of(shard, "policy-", "policy.") > self.policies.seen(shard):
                        self.policies.take(await self.store.read_streams(shard, "policy-", "policy."))

    async def _publish_and_hooks(self) -> None:
        await publish_policies(self)
        for hook in self.service.on_start:
            await hook(self)

    async def _make_collections(self) -> None:
        await self.state_store.end_abandoned()
        collections: tuple[tuple[str, Sequence[Sequence[str]]], ...] = (
            (LIVE, ()),
            (FEEDING, (("consumer",),)),
            ("checkpoints", ()),
            ("parked", (("consumer", "key", "n"),)),
            ("parked_requests", ()),
            ("parked_answers", ()),
            ("foreign", ()),
            ("leases", ()),
            (access.COLLECTION, access.INDEXES),
        )
        await asyncio.gather(*(self.state_store.ensure_indexes(name, indexes) for name, indexes in collections))

    def _start_relay(self, meta: Meta) -> None:
        self.relay = Relay(
            self.service.name, self.topic(self.service.name), self.settings.kafka, self.store,
            self.documents("relay"), meta.shards, self.settings.relay_poll_seconds, watches=self.role == "relay",
        )  # fmt: skip
        self.spawn(self.relay.run(), "relay")

    async def stop(self) -> None:
        self._stopping = True
        await self.consuming.stop()
        await self.notes.close()
        left = [task for task in reversed(self._tasks) if not task.done()]
        while left:
            for task in left:
                task.cancel()
            # Again and again: a library may swallow a cancellation.
            await asyncio.wait(left, timeout=CANCEL_AGAIN_SECONDS)
            left = [task for task in left if not task.done()]
        if hasattr(self, "handler"):
            await self.handler.close()
        self._client.close()
        if self._keys_client is not self._client:
            self._keys_client.close()
