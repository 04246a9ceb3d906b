"""The domain's shape: commands, states and the three pure functions decide, evolve, initial."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from libs.events.contracts.actors import Actor
from libs.events.contracts.base import Event, PolicyPin
from libs.events.contracts.times import business_date, day_start
from libs.events.errors import Refused

S = TypeVar("S")


class Command(msgspec.Struct, frozen=True):
    """What somebody wants. Time, ids and the actor arrive in it; `id` is the commit's id if it is accepted."""

    id: str
    received_at: datetime
    actor: Actor

    empty_is_fine: ClassVar[bool] = False
    """A reaction's command may decide nothing (its repetition is harmless); others must say something."""

    begins: ClassVar[bool] = False
    """Its stream is most likely new: as a reaction it is decided at once on a state without history, and the insert
    finds out whether that was right."""

    @property
    def stream(self) -> str:
        """The one stream this command writes: each kind of command says its own."""
        raise NotImplementedError(f"{type(self).__name__} names no stream")

    @property
    def reads(self) -> Sequence[str]:
        """Other streams of this service that the decision looks at."""
        return ()


class Tick(Command, frozen=True):
    """Time passed: do all that is due in `target` at `received_at` and not yet done."""

    target: str
    kind: str
    due: datetime

    @property
    def stream(self) -> str:
        return self.target


class Policy(msgspec.Struct, frozen=True):
    """One policy text in force: `content` is the parsed YAML head and body, `rows` the parsed CSV table if any."""

    kind: str
    id: str
    authority: str
    sha256: str
    title: str
    source: str
    effective_from: str
    effective_to: str | None
    content: Mapping[str, Any]
    rows: Sequence[Mapping[str, str]] = ()
    recorded_at: str = ""

    @property
    def pin(self) -> PolicyPin:
        return PolicyPin(self.kind, self.id, self.sha256)


class PolicyMissing(Refused):
    code = "platform.policy-missing"
    title = "尚无适用的政策"


class Policies:
    """The policies in force at one business time, of one (kind, id) the one that took effect last; and every text
    ever published, by its pin."""

    def __init__(self, published: Iterable[Policy], at: datetime) -> None:
        day = business_date(at).isoformat()
        self._published = tuple(published)
        self._by_kind: dict[str, dict[str, Policy]] = {}
        self._by_pin: dict[PolicyPin, Policy] = {}
        for policy in self._published:
            self._by_pin[policy.pin] = policy
            if policy.effective_from <= day and (policy.effective_to is None or day < policy.effective_to):
                found = self._by_kind.setdefault(policy.kind, {})
                if policy.id not in found or policy.effective_from >= found[policy.id].effective_from:
                    found[policy.id] = policy

    def on(self, day: date) -> "Policies":
        """The policies in force on another business day, as far as they are published by now."""
        return Policies(self._published, day_start(day))

    def of_kind(self, kind: str) -> Sequence[Policy]:
        return tuple(self._by_kind.get(kind, {}).values())

    def get(self, kind: str, id: str) -> Policy:
        """Raises PolicyMissing."""
        policy = self._by_kind.get(kind, {}).get(id)
        if policy is None:
            raise PolicyMissing(f"{kind} {id}")
        return policy

    def pinned(self, pin: PolicyPin) -> Policy:
        """The very text that an event has pinned, whether or not it is in force. Raises PolicyMissing."""
        policy = self._by_pin.get(pin)
        if policy is None:
            raise PolicyMissing(f"{pin.kind} {pin.id} {pin.sha256}")
        return policy

    def of_authority(self, kind: str, authority: str) -> Policy:
        """The authority's own policy of a kind, else the national one. Raises PolicyMissing."""
        found = [p for p in self.of_kind(kind) if p.authority in (authority, "national")]
        if not found:
            raise PolicyMissing(f"{kind} of {authority}")
        return max(found, key=lambda p: p.authority == authority)


class Facts(msgspec.Struct, frozen=True):
    """All that `decide` may look at beside its stream: the named reads (folded) and the policies in force."""

    reads: Mapping[str, Any]
    policies: Policies

    @classmethod
    def none(cls) -> "Facts":
        return cls({}, Policies((), datetime.fromisoformat("2000-01-01T00:00:00+00:00")))


class Decider(msgspec.Struct, Generic[S], frozen=True):
    """An aggregate: its stream category, its commands, and the three functions."""

    category: str
    commands: tuple[type[Command], ...]
    initial: Callable[[], S]
    evolve: Callable[[S, Event], S]
    decide: Callable[[Any, S, Facts], list[Event]]
    due: Callable[[Event], Mapping[str, datetime | None]] = lambda _: {}
    """What an event makes due: kind → business time (None: no longer; `"*": None`: nothing any more). Becomes ticks."""

    def fold(self, events: Iterable[Event], state: S | UnsetType = UNSET) -> S:
        """The state after these events, from `state` on (not given: from the beginning)."""
        if isinstance(state, UnsetType):
            state = self.initial()
        for data in events:
            state = self.evolve(state, data)
        return state
