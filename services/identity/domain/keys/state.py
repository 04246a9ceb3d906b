"""Which keys may sign."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from libs.events.contracts.base import Event
from libs.events.contracts.identity import SigningKeyPublished, SigningKeyRetired


class SigningKey(msgspec.Struct, frozen=True):
    kid: str
    jwk: dict[str, str]
    usable_from: datetime


class KeysState(msgspec.Struct, frozen=True):
    """`keys` in the order of publication, without the retired ones."""

    keys: Mapping[str, SigningKey] = {}
    retired: frozenset[str] = frozenset()

    @property
    def is_first(self) -> bool:
        """Whether the deployment has never had a key."""
        return not self.keys and not self.retired

    def usable(self, now: datetime) -> tuple[SigningKey, ...]:
        """Those that may sign at wall time `now`, the newest first."""
        found = [key for key in self.keys.values() if key.usable_from <= now]
        return tuple(sorted(found, key=lambda key: key.usable_from, reverse=True))


def initial() -> KeysState:
    return KeysState()


def evolve(state: KeysState, event: Event) -> KeysState:
    match event:
        case SigningKeyPublished():
            key = SigningKey(event.kid, event.jwk, event.usable_from)
            return msgspec.structs.replace(state, keys={**state.keys, event.kid: key})
        case SigningKeyRetired():
            kept = {kid: key for kid, key in state.keys.items() if kid != event.kid}
            return KeysState(kept, state.retired | {event.kid})
        case _:
            return state
