"""What can be asked of business time."""

from libs.events.decider import Command
from libs.events.names import stream_name

CLOCK_STREAM = stream_name("clock", "national")


class MoveClock(Command, frozen=True):
    """From here business time is wall time plus `offset_ms`. `production` is the profile the process runs under."""

    offset_ms: int
    reason: str
    production: bool

    @property
    def stream(self) -> str:
        return CLOCK_STREAM


class NoteFirstFiling(Command, frozen=True):
    """A filing was submitted; only the first one is noted."""

    empty_is_fine = True

    application: str

    @property
    def stream(self) -> str:
        return CLOCK_STREAM
