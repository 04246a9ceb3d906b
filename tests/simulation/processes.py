"""One process of a service: the kernel's own handler, relay, runner, reactions, detached readers and clock."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from libs.events.clock import BusinessClock
from libs.events.decider import Command
from libs.events.fingerprint import Fingerprints
from libs.events.flow.broker import Feed
from libs.events.flow.consumers import Consumer, ProjectionConsumer, ReactionsConsumer
from libs.events.flow.detached import DetachedReader
from libs.events.flow.relay import Relay
from libs.events.flow.runner import Subscription
from libs.events.flow.ticks import Clock
from libs.events.handling import Handler
from libs.events.policies import PolicyIndex
from libs.events.store.ports import Meta
from tests.simulation.domain import SERVICES
from tests.simulation.loop import Killed, ProcessLoop
from tests.simulation.stores import SimCommits, SimState

if TYPE_CHECKING:
    from tests.simulation.world import World

EPOCH_MS = 1_780_000_000_000
FINGERPRINTS = Fingerprints("s:secret")


def topic_of(service: str) -> str:
    return f"{service}.events"


class Process:
    """A process of a service from its start to its death; it is started again as another one."""

    def __init__(self, world: "World", service: str, name: str, relays: bool, skew_ms: int) -> None:
        self.world, self.service, self.name, self.skew_ms = world, service, name, skew_ms
        self.loop = ProcessLoop(world.scheduler, name, self)
        self.relays = relays
        toy, meta = SERVICES[service], Meta("sim", world.shards, 1)
        database = world.databases[service]
        self.store, self.state = SimCommits(self, database, meta), SimState(self, database)
        self.handler = Handler(
            service, [toy.aggregate], self.store, meta, PolicyIndex(), self.wall, FINGERPRINTS, self._committed
        )
        self.relay: Relay | None = None
        self.feeds: list[Feed] = []

    def wall(self) -> int:
        return EPOCH_MS + int(self.world.scheduler.now * 1000) + self.skew_ms

    def reach(self, point: str) -> None:
        """At a crash point: perhaps the last thing this process does."""
        if self.world.trace is not None:
            self.world.say(self.name, f"at {point}")
        if self.world.reach(self, point):
            raise Killed

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        task = self.loop.create_task(work, name=name)
        task.add_done_callback(self._ended)

    def _ended(self, task: Any) -> None:
        """A task that never should end has ended: the real process restarts, and so does this one."""
        if self.loop.dead:
            return
        error = None if task.cancelled() else task.exception()
        self.world.task_died(self, task.get_name(), error)

    def start(self) -> None:
        """Begin everything. Runs on the process's own loop."""
        if self.relays:
            self.relay = Relay(
                self.service, topic_of(self.service), self.name, self.store, self.state.documents("relay"),
                self.world.shards, 0.5,
            )  # fmt: skip
            self.spawn(self.relay.run(), "relay")
        for source in SERVICES:
            consumers = self._consumers(source)
            if consumers:
                self._subscribe(source, consumers)
        if self.service == "notifications":
            business = BusinessClock(self.wall)
            clock = Clock(
                self.service, self.state.documents("due_dates_v1"), self.state.documents("leases"), self.handler,
                business.now,
            )  # fmt: skip
            self.spawn(clock.run(), "clock")

    def _consumers(self, source: str) -> list[Consumer]:
        toy, name = SERVICES[self.service], self.service
        found: list[Consumer] = [
            ProjectionConsumer(name, projection, source, self.state)  # type: ignore[arg-type]
            for projection in toy.projections
            if source in projection.sources
        ]
        reactions = [reaction for reaction in toy.reactions if reaction.source == source]
        if reactions:
            group = f"{name}.reactions.{source}"
            found.append(ReactionsConsumer(group, name, reactions, self.handler, self.state))  # type: ignore[arg-type]
        return found

    def _subscribe(self, source: str, consumers: list[Consumer]) -> None:
        topic = topic_of(source)
        subscription = Subscription(self.service, topic, self.state, consumers)  # type: ignore[arg-type]
        feed = Feed(self, subscription, f"{self.service}.{topic}")  # type: ignore[arg-type]
        self.feeds.append(feed)
        self.spawn(subscription.run_beside(), f"beside {source}")
        for consumer in consumers:
            self.spawn(DetachedReader(subscription, consumer, self.name).run(), f"detached {consumer.name}")
        self.spawn(self._begin(feed), f"begin {source}")

    async def _begin(self, feed: Feed) -> None:
        await feed.subscriber.start()
        await self.loop.create_future()

    def _committed(self, commit: Any) -> None:
        if self.relay is not None:
            self.relay.took(commit)

    def receive(self, command: Command, options: dict[str, Any], reply: Any) -> None:
        """A request has reached this process; `reply(outcome)` travels back. Runs on the process's own loop."""
        task = self.loop.create_task(self.handler.handle(command, **options))
        task.add_done_callback(lambda done: self._replies(done, reply))

    def _replies(self, task: Any, reply: Any) -> None:
        if self.loop.dead or task.cancelled():
            return
        error = task.exception()
        if isinstance(error, Killed):
            return
        self.world.reply(reply, error if error is not None else task.result())
