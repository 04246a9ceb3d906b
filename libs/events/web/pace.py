"""How fast one principal may ask one process: a bucket of tokens each, of a bounded number of principals."""

import math
import time
from collections import OrderedDict
from functools import lru_cache

from libs.events.errors import Refused
from libs.events.settings import KernelSettings

BURST_SECONDS = 4
"""A full bucket lasts for so many seconds of the sustained rate at once."""
KEPT = 10_000


class TooFast(Refused):
    """Raised with `retry_after`, whole seconds until the next request is let in."""

    code = "platform.too-many-requests"
    title = "请求过于频繁"
    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(way_out=f"请在 {retry_after} 秒后重试")
        self.retry_after = retry_after


class Pace:
    """`per_second` is the sustained rate. Whoever is forgotten, having asked longest ago, starts with a full bucket."""

    def __init__(self, per_second: int) -> None:
        self._rate, self._full = per_second, per_second * BURST_SECONDS
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def ask(self, who: str, now: float) -> None:
        """Take one token; `now` in seconds of a clock that never goes back. Raises TooFast."""
        left, at = self._left.get(who, (self._full, now))
        left = min(self._full, left + (now - at) * self._rate)
        if left < 1:
            raise TooFast(math.ceil((1 - left) / self._rate))
        self._left[who] = left - 1, now
        self._left.move_to_end(who)
        if len(self._left) > KEPT:
            self._left.popitem(last=False)


@lru_cache(maxsize=8)
def _pace(per_second: int) -> Pace:
    return Pace(per_second)


def refuse_too_fast(settings: KernelSettings, who: str) -> None:
    """The process's one pace. Raises TooFast; never where the settings have no limit."""
    if settings.most_per_second:
        _pace(settings.most_per_second).ask(who, time.monotonic())
