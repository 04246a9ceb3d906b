"""The members of a list in order, and who of them has answered what: one bit per member, so ten thousand stay cheap."""

from bisect import bisect_left
from collections.abc import Iterable
from hashlib import sha256

import msgspec

PORTION = 200
"""Members per `ListProgressed`: its commit stays far below the limit of one document, and commands flow evenly."""


class Members(msgspec.Struct, frozen=True):
    """`cases` sorted; `enterprises` beside them; `answered` and `declined` are bit sets by place."""

    cases: tuple[str, ...] = ()
    enterprises: tuple[str, ...] = ()
    answered: int = 0
    declined: int = 0

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "Members":
        """Each case once, sorted by its id."""
        ordered = sorted(dict(pairs).items())
        return cls(tuple(case for case, _ in ordered), tuple(enterprise for _, enterprise in ordered))

    def __len__(self) -> int:
        return len(self.cases)

    def place(self, case: str) -> int | None:
        n = bisect_left(self.cases, case)
        return n if n < len(self.cases) and self.cases[n] == case else None

    def has_answered(self, portion: int, size: int = 1) -> bool:
        """Whether the `size` members from place `portion` on have answered."""
        asked = _bits(portion, size)
        return self.answered & asked == asked

    def note(self, portion: int, size: int, declined: Iterable[str]) -> "Members":
        """A portion's answers: everybody accepted but `declined`."""
        no = sum(1 << n for n in map(self.place, declined) if n is not None)
        return msgspec.structs.replace(self, answered=self.answered | _bits(portion, size), declined=self.declined | no)

    @property
    def missing(self) -> int:
        return len(self) - self.answered.bit_count()

    def accepted(self) -> "Members":
        """Those who answered and did not decline, as members of their own."""
        yes = self.answered & ~self.declined
        pairs = zip(self.cases, self.enterprises, strict=True)
        return Members.of(pair for n, pair in enumerate(pairs) if yes >> n & 1)

    @property
    def sha256(self) -> str:
        """Of the case ids, sorted, each ended by a line feed."""
        return sha256("".join(f"{case}\n" for case in self.cases).encode()).hexdigest()


def _bits(start: int, size: int) -> int:
    return ((1 << size) - 1) << start
