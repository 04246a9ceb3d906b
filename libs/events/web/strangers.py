"""What whoever is not signed in may take of a process: a few may wait at once, and little of what they do is written down."""

MINUTE = 60.0


class AtOnce:
    """So many strangers of a process may wait for something at once; whoever comes beyond that does not."""

    def __init__(self, most: int) -> None:
        self._most, self._now = most, 0

    def enter(self) -> bool:
        """Whether there was room; then `leave` follows."""
        if self._now >= self._most:
            return False
        self._now += 1
        return True

    def leave(self) -> None:
        self._now -= 1


class PerMinute:
    """So many of one key, and so many of all keys together, in a minute: what is kept is bounded by `all_`."""

    def __init__(self, each: int, all_: int) -> None:
        self._each, self._all = each, all_
        self._began = float("-inf")
        self._counts: dict[str, int] = {}
        self._taken = 0

    def take(self, key: str, now: float) -> bool:
        """Whether this is within both; `now` in seconds of a clock that never goes back."""
        if now - self._began >= MINUTE:
            self._began, self._counts, self._taken = now, {}, 0
        count = self._counts.get(key, 0)
        if count >= self._each or self._taken >= self._all:
            return False
        self._counts[key], self._taken = count + 1, self._taken + 1
        return True
