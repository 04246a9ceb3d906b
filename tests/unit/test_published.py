"""What others hold on to: the codes of refusals, the categories of streams, the commands, and empty beginnings."""

import importlib
import pkgutil
from types import ModuleType
from typing import Any

import msgspec
import pytest

from libs.events.codec import decode
from libs.events.contracts import schemas
from libs.events.contracts.base import Event, contracts
from libs.events.decider import Decider
from libs.events.errors import Refused
from tests.frozen import frozen, plain

SERVICES = ("identity", "applications", "assessment", "review", "notifications")
NEVER_FIRST = (
    "identity.AppointmentEnded.v1", "identity.AppointmentResumed.v1", "identity.AppointmentSuspended.v1",
    "review.ListMembersAdded.v1",
)  # fmt: skip
"""Their samples speak of what an earlier event of the stream must have said."""


class NeverHeardOf(Event, frozen=True):
    """An event of a later release."""


def modules(service: str) -> list[ModuleType]:
    domain = importlib.import_module(f"services.{service}.domain")
    names = [info.name for info in pkgutil.walk_packages(domain.__path__, f"{domain.__name__}.")]
    return [importlib.import_module(name) for name in names]


def aggregates(service: str) -> list[Decider[Any]]:
    found = importlib.import_module(f"services.{service}.app").service.aggregates
    assert found
    return list(found)


@pytest.mark.parametrize("service", SERVICES)
def test_the_codes_and_statuses_of_refusals_are_as_published(service: str) -> None:
    """Clients and the texts of help pages hold on to them; a code has one meaning."""
    kinds = {
        kind
        for module in modules(service)
        for kind in vars(module).values()
        if isinstance(kind, type)
        and issubclass(kind, Refused)
        and kind.__module__ == module.__name__
        and hasattr(kind, "code")
    }
    found = {kind.code: {"refusal": kind.__name__, "status": kind.status} for kind in kinds}
    assert len(found) == len(kinds)
    found = dict(sorted(found.items()))
    assert found == frozen("refusals", service, found)


@pytest.mark.parametrize("service", SERVICES)
def test_aggregates_take_their_commands_and_begin_empty(service: str) -> None:
    """A stream's category never changes; a decider that forgets a command leaves it without an answer."""
    found: dict[str, Any] = {}
    for decider in aggregates(service):
        commands = {
            command.__name__: {"may_be_empty": command.empty_is_fine, "unless_said": _defaults(command)}
            for command in decider.commands
        }
        found[decider.category] = {"commands": commands, "begins": _all(decider.initial())}
    assert found == frozen("aggregates", service, found)


@pytest.mark.parametrize("service", SERVICES)
def test_an_event_of_a_later_release_changes_no_state(service: str) -> None:
    for decider in aggregates(service):
        begun = decider.initial()
        assert decider.evolve(begun, NeverHeardOf(received_at=None)) == begun  # type: ignore[arg-type]
        assert decider.due(NeverHeardOf(received_at=None)) == {}  # type: ignore[arg-type]


@pytest.mark.parametrize("service", SERVICES)
def test_what_each_published_event_makes_of_an_empty_state(service: str) -> None:
    """What a fold remembers of an event is what later decisions rest on, and `due` what ticks come of it."""
    events = {
        name.removeprefix(f"{service}."): decode(name, schemas.file_of(schemas.SAMPLES, name).read_bytes())
        for name in sorted(contracts())
        if name.startswith(f"{service}.") and name not in NEVER_FIRST
    }
    found: dict[str, Any] = {}
    for decider in aggregates(service):
        for name, event in events.items():
            state = decider.evolve(decider.initial(), event)
            if state != decider.initial():
                found[f"{decider.category}: {name}"] = {"state": plain(state), "due": plain(decider.due(event))}
    assert found == frozen("states", service, found)


def _defaults(kind: type[msgspec.Struct]) -> dict[str, Any]:
    fields = msgspec.structs.fields(kind)
    return {f.name: plain(f.default) for f in fields if f.default is not msgspec.NODEFAULT}


def _all(state: Any) -> Any:
    """Every field, the usual ones too."""
    if not isinstance(state, msgspec.Struct):
        return plain(state)
    return {name: plain(getattr(state, name)) for name in state.__struct_fields__}
