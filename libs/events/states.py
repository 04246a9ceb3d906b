"""States of streams as this process last knew them: a prefix of the truth, never more."""

from collections import OrderedDict
from typing import Any

import msgspec

MOST_STREAMS = 4_000


class Folded(msgspec.Struct, frozen=True):
    """A stream as of some moment: state, version, and the clock of its newest commit."""

    state: Any
    version: int
    clock: int


class States:
    """The least recently used go first. What a cached state leads to is checked by the insert, or looked at anew:
    another process may have gone on."""

    def __init__(self, most: int = MOST_STREAMS) -> None:
        self._most = most
        self._states: OrderedDict[str, Folded] = OrderedDict()

    def get(self, stream: str) -> Folded | None:
        found = self._states.get(stream)
        if found is not None:
            self._states.move_to_end(stream)
        return found

    def put(self, stream: str, folded: Folded) -> None:
        """Keep a state, unless a newer one is known already."""
        known = self._states.get(stream)
        if known is None or known.version < folded.version:
            self._states[stream] = folded
        self._states.move_to_end(stream)
        if len(self._states) > self._most:
            self._states.popitem(last=False)
