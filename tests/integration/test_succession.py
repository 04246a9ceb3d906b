"""移交 over the broker: `identity` says that an office has passed, and the open cases in `review` follow by themselves."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from libs.events.contracts.base import Event
from libs.events.contracts.officials import AppointmentHandedOver
from libs.events.contracts.review import CaseTakenOver, SuccessionCompleted
from libs.events.decider import Command, Decider
from libs.events.names import stream_name
from libs.events.runtime import Runtime
from libs.events.service import Service
from libs.events.settings import KernelSettings
from libs.events.web.desk import events_of
from services.review import passing
from services.review.app import service as review
from services.review.domain.case.commands import StartReview
from tests import histories as h
from tests.backends import SHARDS, Backends
from tests.integration.running import eventually, head, running
from tests.unit.review.kit import officer, on_case, submit
from tests.unit.review.test_successions import COUNTY_OFFICE, DOCUMENT

pytestmark = pytest.mark.integration


class Say(Command, frozen=True):
    """What `identity` says, without the rest of it."""

    event: AppointmentHandedOver

    @property
    def stream(self) -> str:
        return stream_name("official", h.JIANGSU, self.event.official)


def _said(command: Say, state: None, facts: Any) -> list[Event]:
    return [command.event]


OFFICIALS: Decider[None] = Decider("official", (Say,), lambda: None, lambda state, event: None, _said)
IDENTITY = Service("identity", [OFFICIALS], KernelSettings)


async def said_by(runtime: Runtime, kind: type[Event]) -> list[Any]:
    shards = [await runtime.store.read_shard(n, 0, 10_000) for n in range(SHARDS)]
    return [event for commits in shards for commit in commits for event in events_of(commit) if type(event) is kind]


async def begin_case(runtime: Runtime, application: str) -> None:
    for command in (submit(), on_case(StartReview, officer("county"))):
        named = head(runtime, f"{type(command).__name__}-{application}") | {"actor": command.actor}
        await runtime.handle(msgspec.structs.replace(command, application=application, **named))


async def test_open_cases_follow_the_office_once_also_past_a_restart(
    backends: Backends, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix, cases = await backends.fresh(), (h.CASE, h.OTHER_CASE)
    async with running(backends, prefix, IDENTITY) as identity:
        async with running(backends, prefix, review) as runtime:
            for case in cases:
                await begin_case(runtime, case)
            now = identity.business.now()
            said = AppointmentHandedOver(now, "county1", "a1", "county2", "a2", COUNTY_OFFICE, DOCUMENT)
            await identity.handle(Say(**head(identity, "hand-over"), event=said))

            async def passed() -> bool:
                queue = await runtime.view("officer_queue").find({"holder": "county2"})
                return {document["application"] for document in queue} == set(cases)

            await eventually(passed, "for the successor to hold both cases")
            assert not await said_by(runtime, SuccessionCompleted)
        monkeypatch.setattr(passing, "LATE", timedelta(0))
        async with running(backends, prefix, review) as again:
            [done] = await eventually(lambda: said_by(again, SuccessionCompleted), "for the succession to be done")
            taken = await said_by(again, CaseTakenOver)
    assert {(event.application, event.officer, event.before) for event in taken} == {
        (case, "county2", "county1") for case in cases
    }
    assert len(taken) == len(cases) and {event.hand_over for event in taken} == {done.hand_over}
