"""移交 on the service's whole shell: open cases follow the office by themselves, late ones too, and only once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from libs.events.contracts.officials import AppointmentHandedOver
from libs.events.contracts.review import CaseTakenOver, SuccessionCompleted
from libs.events.errors import Unavailable
from libs.events.web.desk import events_of
from libs.events.web.principals import Principal
from services.review import passing
from services.review.app import service
from services.review.domain.case.commands import StartReview, TakeOverCase
from services.review.passing import CLAIM_MS, LATE, pass_once
from services.review.settings import Settings
from tests import histories as h
from tests.unit.applications.shell import MemoryRuntime, Stage
from tests.unit.review import kit as k
from tests.unit.review.test_successions import COUNTY_OFFICE, DOCUMENT

BEFORE = k.officer("county", "county1")
Tale = Callable[["Review"], Awaitable[None]]


class ReviewRuntime(MemoryRuntime):
    shipping = "applications"
    copied = ("divisions", "zones", "authorities")
    trouble = ""

    async def read_after(self, service: str, shard: int, position: int, *, states: bool = False) -> None:  # type: ignore[override]
        if self.trouble:
            raise Unavailable(self.trouble)
        await self.settle()


class Review:
    """The service in memory, with the first cases of a county; each process has its own loop beside it."""

    def __init__(self) -> None:
        self.runtime = ReviewRuntime(h.at(1), service, Settings())
        self._n = 0

    async def does(self, command: Any, **changes: Any) -> Any:
        self._n += 1
        now = self.runtime.business.now()
        named = msgspec.structs.replace(command, id=f"{self._n:032x}", received_at=now, **changes)
        return await self.runtime.handle(named)

    async def held(self, case: str = h.CASE, by: Any = BEFORE) -> None:
        await self.does(k.submit(), application=case)
        await self.does(k.on_case(StartReview, by), application=case)
        await self.runtime.settle()

    async def handed_over(self, official: str = "county1", successor: str = "county2") -> None:
        now = self.runtime.business.now()
        said = AppointmentHandedOver(now, official, "a1", successor, "a2", COUNTY_OFFICE, DOCUMENT)
        await self.runtime.hear("identity", said)

    def wait(self, by: timedelta) -> None:
        self.runtime.millis += int(by.total_seconds() * 1_000)

    async def pass_on(self) -> int:
        """One look, after whatever claim there was."""
        self.wait(timedelta(milliseconds=CLAIM_MS))
        passed = await pass_once(self.runtime)
        await self.runtime.settle()
        return passed

    async def case(self, case: str = h.CASE) -> dict[str, Any]:
        return await self.runtime.view("officer_queue").get(case) or {}

    async def said(self, kind: type[Any]) -> list[Any]:
        shards = [await self.runtime.store.read_shard(n, 0, 10_000) for n in range(6)]
        return [event for commits in shards for commit in commits for event in events_of(commit) if type(event) is kind]

    async def is_open(self) -> bool:
        [document] = await self.runtime.view("successions").find({})
        return bool(document["open"])


def told(tale: Tale) -> Callable[[], None]:
    def test() -> None:
        async def run() -> None:
            review = Review()
            await review.runtime.begin()
            await tale(review)

        asyncio.run(run())

    test.__name__, test.__doc__ = tale.__name__, tale.__doc__
    return test


@told
async def test_every_held_case_follows_the_office_and_each_history_says_so(review: Review) -> None:
    await review.held()
    await review.held(h.OTHER_CASE)
    await review.held("c" * 32, by=k.officer("county", "county3"))
    await review.handed_over()
    assert await review.pass_on() == 2
    holders = [(await review.case(case))["holder"] for case in (h.CASE, h.OTHER_CASE, "c" * 32)]
    assert holders == ["county2", "county2", "county3"]
    stage = Stage(review.runtime)
    stage.people["successor"] = Principal("official", "county2", "s", office=COUNTY_OFFICE)
    shown = await stage.get(f"/cases/{h.ENTERPRISE}/{h.CASE}/timeline", "successor")
    last = shown["entries"][-1]
    assert (last["title"], last["details"]["document"], last["by"]["kind"]) == ("接办（移交）", DOCUMENT, "service")
    assert (await stage.get("/queue?mine=true", "successor"))["total"] == 2


@told
async def test_it_passes_once_however_often_and_by_whomever_is_looked(review: Review) -> None:
    """Two processes beyond any claim, with a queue that has not yet seen what either did."""
    await review.held()
    await review.handed_over()
    review.wait(timedelta(milliseconds=CLAIM_MS))
    assert await pass_once(review.runtime) == 1
    review.wait(timedelta(milliseconds=CLAIM_MS))
    assert (await review.case())["holder"] == "county1", "the queue is behind"
    assert await pass_once(review.runtime) == 0
    await review.runtime.settle()
    assert await review.pass_on() == 0
    assert len(await review.said(CaseTakenOver)) == 1


@told
async def test_one_process_at_a_time_does_the_work(review: Review) -> None:
    await review.held()
    await review.handed_over()
    assert await review.pass_on() == 1
    await review.does(k.on_case(TakeOverCase, BEFORE))
    await review.runtime.settle()
    assert await pass_once(review.runtime) == 0, "another has looked just now"
    assert await review.pass_on() == 1


@told
async def test_what_the_predecessor_takes_a_moment_later_follows_too_again_and_again(review: Review) -> None:
    await review.held()
    await review.handed_over()
    assert await review.pass_on() == 1
    await review.does(k.on_case(TakeOverCase, BEFORE))
    await review.held(h.OTHER_CASE)
    assert await review.pass_on() == 2
    assert [(await review.case(case))["holder"] for case in (h.CASE, h.OTHER_CASE)] == ["county2", "county2"]


@told
async def test_it_is_done_once_no_old_token_is_good_any_more_and_nothing_is_left(review: Review) -> None:
    await review.held()
    await review.handed_over()
    assert await review.pass_on() == 1
    assert await review.pass_on() == 0 and await review.is_open()
    review.wait(LATE)
    assert await review.pass_on() == 0 and not await review.is_open()
    assert await review.pass_on() == 0
    assert len(await review.said(SuccessionCompleted)) == 1
    await review.held(h.OTHER_CASE)
    assert await review.pass_on() == 0, "whoever holds the office rightly again keeps what they begin"


@told
async def test_it_is_not_done_while_the_queue_is_behind(review: Review) -> None:
    """A case that was taken in the last moment and is not in the read model yet must not be forgotten."""
    await review.handed_over()
    await review.does(k.submit())
    await review.does(k.on_case(StartReview, BEFORE))
    review.wait(LATE + timedelta(seconds=1))
    review.runtime.trouble = "not yet visible"
    with pytest.raises(Unavailable):
        await pass_once(review.runtime)
    review.runtime.trouble = ""
    assert await review.is_open() and not await review.said(SuccessionCompleted)
    assert await review.pass_on() == 0 and await review.is_open(), "now the queue shows it"
    assert await review.pass_on() == 1
    assert await review.pass_on() == 0 and not await review.is_open()


@told
async def test_what_waited_through_a_long_outage_passes_after_it(review: Review) -> None:
    await review.held()
    await review.handed_over()
    review.wait(timedelta(days=30))
    assert await review.pass_on() == 1
    assert (await review.case())["holder"] == "county2"
    assert await review.pass_on() == 0 and not await review.is_open()


@told
async def test_more_than_one_look_takes_is_passed_by_the_next(review: Review) -> None:
    cases = [f"{n:032x}" for n in range(1, 6)]
    for case in cases:
        await review.held(case)
    await review.handed_over()
    with pytest.MonkeyPatch.context() as few:
        few.setattr(passing, "AT_ONCE", 2)
        assert [await review.pass_on() for _ in range(4)] == [2, 2, 1, 0]


@told
async def test_a_case_that_cannot_be_decided_keeps_no_other_back_and_is_not_given_up(review: Review) -> None:
    await review.held()
    await review.held(h.OTHER_CASE)
    await review.handed_over()
    handle = review.runtime.handle

    async def broken(command: Any, **options: Any) -> Any:
        if getattr(command, "application", "") == h.CASE:
            raise LookupError("written by a later release")
        return await handle(command, **options)

    with pytest.MonkeyPatch.context() as trouble:
        trouble.setattr(review.runtime, "handle", broken)
        assert await review.pass_on() == 1
        review.wait(LATE)
        assert await review.pass_on() == 0 and await review.is_open()
    assert await review.pass_on() == 1


@told
async def test_an_office_that_goes_on_and_one_that_comes_back(review: Review) -> None:
    await review.held()
    await review.handed_over("county1", "county2")
    review.wait(timedelta(seconds=10))
    await review.handed_over("county2", "county3")
    assert await review.pass_on() == 1
    assert (await review.case())["holder"] == "county3"
    review.wait(timedelta(seconds=10))
    await review.handed_over("county3", "county1")
    assert await review.pass_on() == 1
    assert [await review.pass_on() for _ in range(3)] == [0, 0, 0], "nobody passes it round"
    assert (await review.case())["holder"] == "county1"
    review.wait(LATE)
    assert await review.pass_on() == 0 and not await review.is_open()
