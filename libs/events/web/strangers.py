"""What whoever is not signed in may take of a process: a few may wait at once."""


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
