"""What may be asked of an office's successions: to note one, and to be done with it."""

from libs.events.contracts.actors import Office
from libs.events.decider import Command
from libs.events.names import stream_name


def succession_stream(office: Office) -> str:
    return stream_name("succession", office.authority, office.level, office.region, office.role)


class OnSuccession(Command, frozen=True):
    """Its repetition is harmless. `hand_over` is the event of `identity`."""

    empty_is_fine = True

    office: Office
    hand_over: str

    @property
    def stream(self) -> str:
        return succession_stream(self.office)


class NoteSuccession(OnSuccession, frozen=True):
    """移交 of the office from `official` to `successor`."""

    official: str
    successor: str
    document: str


class CompleteSuccession(OnSuccession, frozen=True):
    """Every case has passed, and none can come to the predecessor any more."""


SuccessionCommand = NoteSuccession | CompleteSuccession
COMMANDS: tuple[type[Command], ...] = SuccessionCommand.__args__
