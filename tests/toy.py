"""A small service for tests of the kernel: counters, said in the language of `notifications`."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from libs.events.contracts.base import Event
from libs.events.contracts.notifications import MessageDeclined, MessagePosted, MessageRead, Recipient
from libs.events.decider import Command, Decider, Facts, Tick
from libs.events.errors import Refused, refuse_if
from libs.events.flow.projections import Document, Projection
from libs.events.flow.reactions import Reaction
from libs.events.names import stream_name
from libs.events.recorded import Recorded, because
from libs.events.service import Service
from libs.events.settings import KernelSettings

LIMIT = 1_000


class Full(Refused):
    code = "toy.full"
    title = "满了"


class Post(Command, frozen=True):
    """Say `count` messages in one commit."""

    key: str
    name: str
    count: int = 1
    title: str = "t"

    @property
    def stream(self) -> str:
        return stream_name("message", self.key, self.name)


class Echo(Command, frozen=True):
    """What the reaction sends: notes who was read."""

    key: str
    name: str

    @property
    def stream(self) -> str:
        return stream_name("message", self.key, self.name, "echo")


class State(msgspec.Struct, frozen=True):
    posted: int = 0


def evolve(state: State, event: Event) -> State:
    return State(state.posted + 1) if isinstance(event, MessagePosted | MessageRead) else state


def decide(command: Command, state: State, facts: Facts) -> list[Event]:
    match command:
        case Post():
            refuse_if(state.posted + command.count > LIMIT, Full())
            return [
                MessagePosted(
                    received_at=command.received_at, message=command.name, recipient=Recipient(enterprise=command.key),
                    group="g", template="t", title=command.title, body=f"{state.posted + n}", link="", cause="",
                )
                for n in range(command.count)
            ]  # fmt: skip
        case Echo():
            return [MessageRead(command.received_at, command.name, f"{state.posted}")]
        case Tick():
            return [MessageDeclined(command.received_at, "tick", command.kind)]
        case _:
            raise AssertionError(command)


def due(event: Event) -> Mapping[str, datetime | None]:
    if isinstance(event, MessagePosted) and event.title == "due":
        return {"tick": event.received_at + timedelta(days=1)}
    return {"*": None} if isinstance(event, MessageDeclined) else {}


decider = Decider("message", (Post, Echo, Tick), State, evolve, decide, due)


def _key(event: Recorded[MessagePosted]) -> str:
    return event.stream


def _apply(document: Document | None, event: Recorded[MessagePosted]) -> Document | None:
    if event.data.title == "poison" and not CURED:
        raise RuntimeError("cannot apply this")
    seen = document["seen"] if document else []
    return {"seen": [*seen, event.data.body], "position": event.position}


CURED: list[bool] = []

counters = Projection("counters", 1, ("notifications",), (MessagePosted,), _key, _apply)


def _react(event: Recorded[MessagePosted]) -> list[Command]:
    if event.data.title != "echo":
        return []
    return [Echo(**because(event), key=event.partition_key, name=event.data.message)]


when_posted_then_echo = Reaction("when_posted_then_echo", "notifications", (MessagePosted,), _react)

service = Service(
    name="notifications",
    aggregates=[decider],
    projections=[counters],
    reactions=[when_posted_then_echo],
    settings=KernelSettings,
)
