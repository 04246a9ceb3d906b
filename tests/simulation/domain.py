"""Two small services in the published language: `notifications` posts, `review` notes, and each answers the other."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from libs.events.contracts.base import Event
from libs.events.contracts.notifications import MessageDeclined, MessagePosted, MessageRead, Recipient
from libs.events.contracts.review import NoteDeclined
from libs.events.decider import Command, Decider, Facts, Tick
from libs.events.errors import Refused, refuse_if
from libs.events.flow.projections import Document, Projection
from libs.events.flow.reactions import Reaction
from libs.events.flow.ticks import due_dates
from libs.events.names import stream_name
from libs.events.recorded import Recorded, because

LIMIT = 4
TITLES = ("plain", "note", "notes", "mirror", "due", "poison", "sour")
CURED: list[bool] = []
"""Not empty once the defects of `poison` (a projection's) and `sour` (a reaction's) are mended."""


class Full(Refused):
    code = "toy.full"
    title = "满了"


class Post(Command, frozen=True):
    """Say `count` messages in one commit; at most LIMIT are open in a stream."""

    key: str
    name: str
    count: int = 1
    title: str = "plain"
    looks_at: str = ""

    @property
    def stream(self) -> str:
        return stream_name("message", self.key, self.name)

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.looks_at,) if self.looks_at else ()


class Clear(Command, frozen=True):
    """Nothing is open any more; decides nothing where nothing was."""

    key: str
    name: str

    @property
    def stream(self) -> str:
        return stream_name("message", self.key, self.name)


class Read(Command, frozen=True):
    """What reactions send to `notifications`: notes who read."""

    key: str
    name: str
    reader: str

    @property
    def stream(self) -> str:
        return stream_name("message", self.key, self.name)


class Note(Command, frozen=True):
    """What reactions send to `review`; often, but by no means always, the first of its stream."""

    begins = True

    key: str
    name: str
    cause: str

    @property
    def stream(self) -> str:
        return stream_name("case", self.key, self.name)


class MessageState(msgspec.Struct, frozen=True):
    posted: int = 0
    open: int = 0


def evolve_message(state: MessageState, event: Event) -> MessageState:
    if isinstance(event, MessagePosted):
        return MessageState(state.posted + 1, state.open + 1)
    if isinstance(event, MessageRead) and event.reader == "clear":
        return MessageState(state.posted, 0)
    return state


def decide_message(command: Command, state: MessageState, facts: Facts) -> list[Event]:
    at = command.received_at
    match command:
        case Post():
            refuse_if(state.open + command.count > LIMIT, Full())
            recipient = Recipient(enterprise=command.key)
            return [
                MessagePosted(at, command.name, recipient, "g", "t", command.title, f"{state.posted + n}", "", "")
                for n in range(command.count)
            ]
        case Clear():
            return [MessageRead(at, command.name, "clear")] if state.open else []
        case Read():
            return [MessageRead(at, command.name, command.reader)]
        case Tick():
            return [MessageDeclined(at, "tick", command.kind)]
        case _:
            raise AssertionError(command)


def due(event: Event) -> Mapping[str, datetime | None]:
    if isinstance(event, MessagePosted) and event.title == "due":
        return {"tick": event.received_at + timedelta(seconds=0.5)}
    return {"*": None} if isinstance(event, MessageDeclined) else {}


class CaseState(msgspec.Struct, frozen=True):
    notes: int = 0


def evolve_case(state: CaseState, event: Event) -> CaseState:
    return CaseState(state.notes + 1)


def decide_case(command: Note, state: CaseState, facts: Facts) -> list[Event]:
    return [
        NoteDeclined(command.received_at, command.name, command.key, command.cause, f"{state.notes + n}")
        for n in range(1 + state.notes % 2)
    ]


messages = Decider("message", (Post, Clear, Read, Tick), MessageState, evolve_message, decide_message, due)
cases = Decider("case", (Note,), CaseState, evolve_case, decide_case)


def _count(document: Document | None, event: Recorded[Any]) -> Document:
    if event.data.title == "poison" and not CURED:
        raise RuntimeError("this projection has a defect")
    seen = document["seen"] if document else []
    return {"seen": [*seen, event.data.body], "position": event.position}


def _look(document: Document | None, event: Recorded[Any]) -> Document:
    ids = document["ids"] if document else []
    return {"ids": [*ids, event.id]}


counters = Projection("counters", 1, ("notifications",), (MessagePosted,), lambda event: event.stream, _count)
overview = Projection(
    "overview", 1, ("notifications", "review"), (MessagePosted, NoteDeclined), lambda event: event.partition_key, _look
)


def _mirror(event: Recorded[MessagePosted]) -> list[Command]:
    if event.data.title == "sour" and not CURED:
        raise RuntimeError("this reaction has a defect")
    if event.data.title not in ("mirror", "sour"):
        return []
    return [Read(**because(event), key=event.partition_key, name="mirror", reader="mirror")]


def _note(event: Recorded[MessagePosted]) -> list[Command]:
    names = {"note": ("n",), "notes": ("n", "m")}.get(event.data.title, ())
    return [Note(**because(event), key=event.partition_key, name=name, cause=event.id) for name in names]


def _thank(event: Recorded[NoteDeclined]) -> list[Command]:
    if event.data.application != "n":
        return []
    return [Read(**because(event), key=event.partition_key, name="a", reader="thanks")]


when_posted_then_mirror = Reaction("when_posted_then_mirror", "notifications", (MessagePosted,), _mirror)
when_posted_then_note = Reaction("when_posted_then_note", "notifications", (MessagePosted,), _note)
when_noted_then_thank = Reaction("when_noted_then_thank", "review", (NoteDeclined,), _thank)


class Toy(msgspec.Struct, frozen=True):
    """What a service is made of."""

    name: str
    aggregate: Decider[Any]
    projections: tuple[Projection, ...]
    reactions: tuple[Reaction, ...]


SERVICES = {
    "notifications": Toy(
        "notifications", messages, (counters, due_dates("notifications", [messages])),
        (when_posted_then_mirror, when_noted_then_thank),
    ),
    "review": Toy("review", cases, (overview,), (when_posted_then_note,)),
}  # fmt: skip
