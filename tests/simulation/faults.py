"""What goes wrong, how often, and how often it did: each world draws its own mix."""

from collections import Counter
from random import Random

import msgspec

READ_KINDS = ("refused", "slow")
WRITE_KINDS = ("refused", "lost request", "lost answer", "late", "slow")


class Mix(msgspec.Struct, frozen=True):
    """Probabilities per call, and events per world. A world without a kind of fault shows what the others do alone."""

    store: float
    broker: float
    network: float
    points: float
    """Death at a crash point, per point reached."""
    crashes: int
    stalls: int
    clocks: int
    rebalances: int
    jumps: int
    """Fetch positions thrown somewhere else, as when a group's offsets are reset."""
    strays: int
    """Records that are not part of any shard."""
    outages: int


def draw_mix(random: Random) -> Mix:
    def some(most: float) -> float:
        return 0.0 if random.random() < 0.35 else random.random() * most

    def few(most: int) -> int:
        return 0 if random.random() < 0.5 else random.randint(1, most)

    return Mix(
        store=some(0.06), broker=some(0.10), network=some(0.10), points=some(0.01), crashes=few(2), stalls=few(2),
        clocks=few(2), rebalances=few(2), jumps=few(1), strays=few(2), outages=few(1),
    )  # fmt: skip


class Faults:
    """Draws faults while the world is stormy; counts what was injected, by kind."""

    def __init__(self, random: Random, mix: Mix) -> None:
        self.random, self.mix = random, mix
        self.stormy = True
        self.counts: Counter[str] = Counter()
        self.away: dict[str, float] = {}

    def draw(self, part: str, rate: float, writes: bool, now: float) -> str | None:
        """The fault of one call to a part (`store` or `broker`), or None."""
        if now < self.away.get(part, 0.0):
            return "refused"
        if not self.stormy or self.random.random() >= rate:
            return None
        kind = self.random.choice(WRITE_KINDS if writes else READ_KINDS)
        self.counts[f"{part}: {kind}"] += 1
        return kind

    def dies_here(self) -> bool:
        return self.stormy and self.mix.points > 0 and self.random.random() < self.mix.points
