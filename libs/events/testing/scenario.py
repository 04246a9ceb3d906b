"""given(history).when(command).then(events): a decider's test in three lines."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from libs.events.codec import decode, encode
from libs.events.contracts.base import Event, contracts
from libs.events.decider import Command, Decider, Facts, Policies, Policy
from libs.events.errors import Refused, RefusedTogether

S = TypeVar("S")


def scenario(
    decider: Decider[S], policies: tuple[Policy, ...] = (), reads: Mapping[str, Any] | None = None
) -> Callable[..., "Given[S]"]:
    """A `given` for one decider, with the policies published and the states of the streams it reads."""

    def given(*history: Event) -> Given[S]:
        return Given(decider, list(history), policies, reads or {})

    return given


class Given(Generic[S]):
    def __init__(
        self, decider: Decider[S], history: list[Event], policies: tuple[Policy, ...], reads: Mapping[str, Any]
    ) -> None:
        self._decider, self._history, self._policies, self._reads = decider, history, policies, reads

    def with_reads(self, reads: Mapping[str, Any]) -> "Given[S]":
        return Given(self._decider, self._history, self._policies, {**self._reads, **reads})

    def when(self, command: Command) -> "Outcome[S]":
        facts = Facts(self._reads, Policies(self._policies, command.received_at))
        state = self._decider.fold(_as_stored(event) for event in self._history)
        try:
            events = self._decider.decide(command, state, facts)
        except Refused as refusal:
            return Outcome(self._decider, self._history, [], refusal)
        return Outcome(self._decider, self._history, events, None)


class Outcome(Generic[S]):
    """What came of the command: `events`, or `refusal`."""

    def __init__(self, decider: Decider[S], history: list[Event], events: list[Event], refusal: Refused | None) -> None:
        self._decider, self._history = decider, history
        self.events, self.refusal = events, refusal

    def then(self, *expected: Event) -> "Outcome[S]":
        """Exactly these events."""
        assert self.refusal is None, f"refused: {self.refusal!r}"
        assert self.events == list(expected)
        return self

    def then_types(self, *expected: type[Event]) -> "Outcome[S]":
        """Events of exactly these types."""
        assert self.refusal is None, f"refused: {self.refusal!r}"
        assert [type(event) for event in self.events] == list(expected)
        return self

    def then_nothing(self) -> "Outcome[S]":
        return self.then()

    def then_refused(self, *kinds: type[Refused]) -> "Outcome[S]":
        """Refused for exactly these reasons, in any order."""
        assert self.refusal is not None, f"not refused, but {self.events}"
        given = self.refusal.refusals if isinstance(self.refusal, RefusedTogether) else [self.refusal]
        assert {type(refusal) for refusal in given} == set(kinds)
        return self

    @property
    def before(self) -> S:
        """The state after the history alone."""
        return self._decider.fold(_as_stored(event) for event in self._history)

    @property
    def state(self) -> S:
        """The state after the history and the new events."""
        return self._decider.fold(_as_stored(event) for event in [*self._history, *self.events])

    @property
    def history(self) -> list[Event]:
        return [*self._history, *self.events]


def _as_stored(event: Event) -> Event:
    """Through the codec and back, so that no test passes with what the log could not hold."""
    service = next(c.services[0] for c in contracts().values() if c.type is type(event))
    type_, body = encode(service, event)
    decoded = decode(type_, body)
    assert decoded is not None
    return decoded
