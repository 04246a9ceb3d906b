"""Consumers as they must be: each projection, parking lot and reaction, folded beside the real one, event by event."""

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from libs.events.flow.projections import Document, Projection
from libs.events.flow.reactions import Reaction
from libs.events.store.ports import Move, Write
from tests.simulation.domain import CURED, SERVICES
from tests.simulation.history import Event, History

if TYPE_CHECKING:
    from tests.simulation.stores import Database
    from tests.simulation.world import World

Fail = Callable[[str], None]
POISON, SOUR = "poison", "sour"


class Lot:
    """What has to be parked, in order behind its key."""

    def __init__(self, name: str, fail: Fail) -> None:
        self.name, self._fail = name, fail
        self.waiting: dict[str, deque[Event]] = defaultdict(deque)
        self.reopened: set[str] = set()

    def parks(self, key: str, event: Event, broken: bool, parked: set[str]) -> bool:
        """Whether the event is parked, which it must be behind its key, and may be when it cannot be applied."""
        is_parked = f"{self.name}|{event.shard}|{event.position:020d}" in parked
        if self.waiting[key] and not is_parked:
            self._fail(f"{self.name} let {event.id} pass what waits behind {key}")
        if is_parked:
            # A second owner that has not yet heard of a key's reopening parks behind nothing: asked for again, it flows.
            if not self.waiting[key] and not broken and key not in self.reopened:
                self._fail(f"{self.name} parked {event.id}, which is fine")
            self.waiting[key].append(event)
        return is_parked

    def drains(self, id: str) -> Event | None:
        """The event that leaves the lot: always the first of its key."""
        _, shard, position = id.rsplit("|", 2)
        for key, found in self.waiting.items():
            if found and (found[0].shard, found[0].position) == (int(shard), int(position)):
                self.reopened.add(key)
                return found.popleft()
        self._fail(f"{self.name} drained {id} out of order")
        return None


class FoldedProjection:
    """One projection from one source."""

    def __init__(self, service: str, projection: Projection, source: str, fail: Fail) -> None:
        self.name, self.projection, self._fail = projection.consumer(service), projection, fail
        self.part = source if len(projection.sources) > 1 else None
        self.lot = Lot(f"{self.name}|{source}", fail)
        self.documents: dict[str, Document | None] = {}
        self.touched: set[str] = set()

    def take(self, event: Event, parked: set[str]) -> None:
        if type(event.data) not in self.projection.handles:
            return
        key = self.projection.key(event)  # type: ignore[arg-type]
        if key is None or self.lot.parks(key, event, getattr(event.data, "title", "") == POISON, parked):
            return
        self._apply(key, event)

    def _apply(self, key: str, event: Event) -> None:
        try:
            self.documents[key] = self.projection.apply(self.documents.get(key), event)  # type: ignore[arg-type]
        except RuntimeError:
            self._fail(f"{self.name} went over {event.id}, which cannot be applied")
        self.touched.add(key)

    def drain(self, id: str) -> None:
        event = self.lot.drains(id)
        if event is not None:
            key = self.projection.key(event)  # type: ignore[arg-type]
            assert key is not None
            self._apply(key, event)

    def compare(self, database: "Database", keys: set[str]) -> None:
        real = database.collections[self.projection.collection]
        for key in sorted(keys):
            document = real.get(key)
            found = None if document is None else {k: v for k, v in document.items() if k != "_id"}
            if self.part is not None:
                found = None if found is None else found.get(self.part)
            if found != self.documents.get(key):
                self._fail(f"{self.name} has {found} for {key}; the fold says {self.documents.get(key)}")


class FoldedReactions:
    """All reactions of a service to one source: where the checkpoint is, the effects must be."""

    def __init__(self, service: str, source: str, reactions: Sequence[Reaction], history: History, fail: Fail) -> None:
        self.name = f"{service}.reactions.{source}"
        self._reactions, self._history, self._fail = reactions, history, fail
        self.lot = Lot(self.name, fail)

    def take(self, event: Event, parked: set[str]) -> None:
        concerned = [r for r in self._reactions if type(event.data) in r.handles]
        if not concerned:
            return
        if not self.lot.parks(event.partition_key, event, getattr(event.data, "title", "") == SOUR, parked):
            self._has_effect(event)

    def _has_effect(self, event: Event) -> None:
        for stream in self.targets(event):
            if self._history.effects[event.id, stream] != 1:
                self._fail(f"{self.name} went over {event.id} without its effect on {stream}")

    def targets(self, event: Event) -> list[str]:
        concerned = [r for r in self._reactions if type(event.data) in r.handles]
        try:
            return [command.stream for r in concerned for command in r.react(event)]  # type: ignore[arg-type]
        except RuntimeError:
            self._fail(f"{self.name} went over {event.id}, to which it cannot react")
            return []

    def drain(self, id: str) -> None:
        event = self.lot.drains(id)
        if event is not None:
            self._has_effect(event)


class Consumers:
    """All of them, told of each transaction."""

    def __init__(self, history: History, world: "World") -> None:
        self._history, self._world = history, world
        self._folded: dict[tuple[str, str], FoldedProjection | FoldedReactions] = {}
        self._lots: dict[str, FoldedProjection | FoldedReactions] = {}
        self._collections: dict[str, list[FoldedProjection]] = defaultdict(list)
        for service, toy in SERVICES.items():
            for source in SERVICES:
                topic = f"{source}.events"
                for projection in toy.projections:
                    if source in projection.sources:
                        folded = FoldedProjection(service, projection, source, world.fail)
                        self._folded[folded.name, topic] = self._lots[folded.lot.name] = folded
                        self._collections[projection.collection].append(folded)
                reactions = [reaction for reaction in toy.reactions if reaction.source == source]
                if reactions:
                    reacting = FoldedReactions(service, source, reactions, history, world.fail)
                    self._folded[reacting.name, topic] = self._lots[reacting.lot.name] = reacting

    def transacted(self, database: "Database", writes: Sequence[Write], moves: Sequence[Move]) -> None:
        parked = {write.key for write in writes if write.collection == "parked" and write.document is not None}
        for write in writes:
            if write.collection == "parked" and write.document is None:
                self._lots[write.key.rsplit("|", 2)[0]].drain(write.key)
        for move in moves:
            folded = self._folded[move.consumer, move.topic]
            shard = self._history.shards[move.topic.partition(".")[0], move.shard]
            for event in shard[move.before.position if move.before else 0 : move.after.position]:
                folded.take(event, parked)
        written: dict[str, set[str]] = defaultdict(set)
        for write in writes:
            if write.collection != "parked":
                written[write.collection].add(write.key)
        for name, found in self._collections.items():
            for projection in found:
                if projection.touched or name in written:
                    projection.compare(database, projection.touched | written[name])
                    projection.touched.clear()

    def rest(self) -> str | None:
        """What has not come to rest yet, or None."""
        for (name, topic), _ in self._folded.items():
            database = self._world.databases[name.partition(".")[0]]
            for shard in range(self._world.shards):
                end = len(self._history.shards[topic.partition(".")[0], shard])
                saved = database.checkpoints.get((name, topic, shard))
                if (saved.position if saved else 0) != end:
                    return f"{name} stands at {saved and saved.position} of {end} in {topic}/{shard}"
        for folded in self._lots.values():
            if any(folded.lot.waiting.values()):
                return f"{folded.lot.name} has records waiting"
        return None

    def at_the_end(self) -> None:
        """Each projection folded from genesis, each reaction looked up, nothing parked, no due date left over."""
        assert CURED
        for (_, topic), folded in self._folded.items():
            source = topic.partition(".")[0]
            events = [e for s in range(self._world.shards) for e in self._history.shards[source, s]]
            if isinstance(folded, FoldedReactions):
                for event in events:
                    folded.take(event, set())
            else:
                self._fold_anew(folded, source, events)
        for service, database in self._world.databases.items():
            if database.collections["parked"]:
                self._world.fail(f"{service} has records parked that nobody waits for")
            if database.collections["due_dates_v1"]:
                self._world.fail(f"{service} has due dates that no tick has come for")

    def _fold_anew(self, folded: FoldedProjection, source: str, events: Sequence[Event]) -> None:
        service = folded.name.partition(".")[0]
        fresh = FoldedProjection(service, folded.projection, source, self._world.fail)
        for event in events:
            fresh.take(event, set())
        database = self._world.databases[service]
        fresh.compare(database, fresh.touched | set(database.collections[folded.projection.collection]))
