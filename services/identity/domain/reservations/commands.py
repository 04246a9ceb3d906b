"""What can be asked of a reservation."""

from typing import ClassVar, Literal

from libs.events.decider import Command
from libs.events.names import stream_name

What = Literal["login", "phone", "enterprise", "administrator", "outside", "person"]


def reservation_stream(index: str, what: What) -> str:
    """`index` is the blind index of the value; for an enterprise its id, which is public."""
    return stream_name("reservation", index, what)


class ReserveValue(Command, frozen=True):
    """Hold a value for `holder` (`account:<id>`, `official:<id>`) for as long as the account rules say."""

    what: What
    index: str
    holder: str

    @property
    def stream(self) -> str:
        return reservation_stream(self.index, self.what)


class ConfirmReservation(Command, frozen=True):
    """What it was held for has happened: it is the holder's for good."""

    what: What
    index: str
    holder: str

    @property
    def stream(self) -> str:
        return reservation_stream(self.index, self.what)


class ReleaseReservation(Command, frozen=True):
    what: What
    index: str
    holder: str
    reason: str

    empty_is_fine: ClassVar[bool] = True

    @property
    def stream(self) -> str:
        return reservation_stream(self.index, self.what)
