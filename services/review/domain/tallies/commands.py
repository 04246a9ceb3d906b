"""What may be asked of a tally: to note one member's answer."""

from libs.events.decider import Command
from libs.events.names import stream_name


def tally_stream(list_: str, portion: int) -> str:
    """In the shard of its list."""
    _, authority, *rest = list_.split("-")
    return stream_name("tally", authority, *rest, str(portion))


class NoteListMember(Command, frozen=True):
    """A case's answer to the list that asked; its repetition is harmless."""

    empty_is_fine = True

    list: str
    portion: int
    size: int
    case: str
    enterprise: str
    accepted: bool
    reason: str = ""

    @property
    def stream(self) -> str:
        return tally_stream(self.list, self.portion)


COMMANDS: tuple[type[Command], ...] = (NoteListMember,)
