"""A release that copies one more kind of another service's policies finds what was published long before."""

from dataclasses import replace

import pytest

from libs.events.runtime import Runtime
from services.review.app import service as review
from tests.backends import Backends
from tests.integration.running import eventually, running
from tests.toy import service as toy

pytestmark = pytest.mark.integration
SOURCE = replace(review, projections=[], reactions=[], routers=[], copies={}, companions=[])


async def test_a_kind_that_is_added_later_is_copied_from_the_beginning_of_the_log(backends: Backends) -> None:
    prefix = await backends.fresh()
    async with running(backends, prefix, SOURCE) as source:
        calendars = names_of(source, "calendar")
        async with running(backends, prefix, replace(toy, copies={"review": ["calendar"]})) as before:
            await eventually(lambda: copied(before, "calendar", calendars), "for the kind copied from the start")
            assert not names_of(before, "chains")
        async with running(backends, prefix, replace(toy, copies={"review": ["calendar", "chains"]})) as after:
            await eventually(lambda: copied(after, "chains", names_of(source, "chains")), "for the kind that was added")
            assert names_of(after, "calendar") == calendars


def names_of(runtime: Runtime, kind: str) -> set[tuple[str, str]]:
    return {(one.id, one.sha256) for one in runtime.policies.all() if one.kind == kind}


async def copied(runtime: Runtime, kind: str, wanted: set[tuple[str, str]]) -> bool:
    return bool(wanted) and names_of(runtime, kind) == wanted
