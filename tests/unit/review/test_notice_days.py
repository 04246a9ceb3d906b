"""公示期限 over a year without a published calendar: provisional, counted anew once it is published, never shortened."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
import yaml

from libs.events.contracts.base import Event
from libs.events.contracts.review import ListProgressed, ListPublicityEnded, ListPublicityRecounted, ListPublished
from libs.events.contracts.times import day_start
from libs.events.decider import Policies, Policy
from libs.events.ids import make_id
from libs.events.policies import PublishPolicy, read_policy_file
from libs.events.testing.scenario import scenario
from services.review.app import service
from services.review.domain import lists
from services.review.domain.lists.due import NOTICE_OVER, due
from services.review.domain.lists.notice import Notice, counted_anew
from services.review.projections import lists as view
from services.review.settings import Settings
from tests import histories as h
from tests.unit.applications.shell import MemoryRuntime, Stage, official
from tests.unit.review.kit import POLICIES, SERVICES, day, given_list, recorded
from tests.unit.review.test_lists import answered, answers, pairs, publish, tick

TUESDAY = day(2026, 12, 29)
TOLD, LATER_BY_TWO = date(2027, 1, 4), date(2027, 1, 6)
"""Five working days, the first one counted: 29, 30, 31, Friday 1 January and Monday 4."""
NEW_YEAR: dict[str, Any] = {"from": date(2027, 1, 1), "to": date(2027, 1, 4)}
CALENDAR = SERVICES / "review/policy/calendars/calendar-2027.yaml"
[SHIPPED] = [one for one in POLICIES if one.id == "calendar-2027"]


def published(
    *holidays: dict[str, Any], makeup: tuple[date, ...] = (), provisional: bool = False
) -> tuple[Policy, ...]:
    """All policies, with the calendar of 2027 as the State Council will have published it on New Year's Eve."""
    days = {"holidays": list(holidays), "makeup_workdays": list(makeup), "provisional": provisional}
    text = {"content": dict(SHIPPED.content) | days, "effective_from": "2026-12-31", "sha256": "2" * 64}
    return (*POLICIES, msgspec.structs.replace(SHIPPED, **text))


def in_notice(count: int = 1) -> list[Event]:
    return list(given_list(*answered(count)).when(publish(at=TUESDAY)).history)


def over(on: date, *policies: Policy, history: list[Event] | None = None) -> Any:
    """What the clock makes of the notice on this day."""
    given: Any = scenario(lists.decider, policies or POLICIES)
    return given(*(history or in_notice())).when(tick(day_start(on)))


def test_a_notice_into_a_year_without_a_calendar_is_told_provisionally() -> None:
    outcome = given_list(*answered(1)).when(publish(at=TUESDAY)).then_types(ListPublished, ListProgressed)
    told = outcome.events[0]
    assert (told.starts, told.ends, told.provisional) == (date(2026, 12, 29), TOLD, True)
    assert [pin.id for pin in told.policies] == ["chains-320000", "calendar-2026", "calendar-2027"]


def test_it_ends_as_told_while_nothing_more_is_known() -> None:
    over(TOLD).then_nothing()
    over(TOLD + timedelta(days=1)).then_types(ListPublicityEnded, ListProgressed)


def test_a_calendar_published_since_lets_it_go_on_and_says_so() -> None:
    after = TOLD + timedelta(days=1)
    outcome = over(after, *published(NEW_YEAR)).then_types(ListPublicityRecounted)
    anew = outcome.events[0]
    assert (anew.list, anew.starts, anew.ends) == (h.NOTICE_LIST, date(2026, 12, 29), LATER_BY_TWO)
    assert not anew.provisional and anew.policies[-1].sha256 == "2" * 64
    assert due(anew) == {NOTICE_OVER: day_start(LATER_BY_TWO + timedelta(days=1))}
    assert (outcome.state.status, outcome.state.ends, outcome.state.provisional) == ("published", LATER_BY_TWO, False)
    over(LATER_BY_TWO, *published(NEW_YEAR), history=outcome.history).then_nothing()
    end = over(LATER_BY_TWO + timedelta(days=1), *published(NEW_YEAR), history=outcome.history)
    end.then_types(ListPublicityEnded, ListProgressed)


def test_a_clock_that_comes_after_the_new_end_ends_it_at_once() -> None:
    end = over(LATER_BY_TWO + timedelta(days=1), *published(NEW_YEAR))
    end.then_types(ListPublicityEnded, ListProgressed)


def test_what_the_list_still_has_to_tell_its_members_goes_on_with_the_new_days() -> None:
    """The tick that found it out was perhaps the one of a portion, which must not be lost."""
    outcome = over(TOLD + timedelta(days=1), *published(NEW_YEAR), history=in_notice(201))
    anew, portion = outcome.then_types(ListPublicityRecounted, ListProgressed).events
    assert (portion.doing, portion.done, portion.ends, portion.next) == ("publish", 200, anew.ends, "publish-200")


@pytest.mark.parametrize(
    ("calendar", "ends", "provisional"),
    [
        (POLICIES, TOLD, True),
        (published(NEW_YEAR), LATER_BY_TWO, False),
        (published({"from": date(2027, 1, 1), "to": date(2027, 1, 1)}), date(2027, 1, 5), False),
        (published(), TOLD, False),
        (published(makeup=(date(2027, 1, 2), date(2027, 1, 3))), TOLD, False),
        (published(NEW_YEAR, provisional=True), LATER_BY_TWO, True),
    ],
)
def test_the_days_are_counted_anew_and_never_end_before_what_was_told(
    calendar: tuple[Policy, ...], ends: date, provisional: bool
) -> None:
    state = lists.decider.fold(in_notice())
    assert state.notice is not None
    days = counted_anew(state.notice, Policies(calendar, day(2027, 1, 4)))
    assert (days.starts, days.ends, days.provisional) == (date(2026, 12, 29), ends, provisional)


def test_a_day_that_was_certain_or_rests_on_no_known_chain_stays_as_it_was_told() -> None:
    state = lists.decider.fold(given_list(*answered(1)).when(publish()).history)
    assert isinstance(state.notice, Notice) and not state.notice.provisional
    assert counted_anew(state.notice, Policies((), day(2027, 1, 4))).ends == date(2024, 5, 13)
    bare = msgspec.structs.replace(state.notice, provisional=True, counted_by=())
    found = counted_anew(bare, Policies(POLICIES, day(2027, 1, 4)))
    assert (found.ends, found.provisional) == (date(2024, 5, 13), True)


def test_the_read_model_has_the_days_as_they_were_told_last() -> None:
    document: Any = None
    longer = over(TOLD + timedelta(days=1), *published(NEW_YEAR)).history
    for n, event in enumerate(longer, start=1):
        if type(event) in view.HANDLES:
            document = view.apply(document, recorded(event, h.NOTICE_LIST, n))
    assert (document["status"], document["ends"], document["provisional"]) == ("published", "2027-01-06", False)


class Reviewing(MemoryRuntime):
    copied = ()


LIST = f"/lists/{h.JIANGSU}/{h.JIANGSU}/2024.1/notice"


async def stage_in_notice() -> Stage:
    """Without reactions: the list's members answer at once."""
    runtime = Reviewing(TUESDAY, replace(service, reactions=[]), Settings())
    await runtime.begin()
    stage = Stage(runtime)
    stage.people |= {"publisher": msgspec.structs.replace(official("province", "publisher"), stepped_up=True)}
    members = [{"case": one.case, "enterprise": one.enterprise} for one in pairs(2)]
    frozen = {"level": "province", "kind": "declaration", "tier": "srdi", "members": members}
    assert (await stage.ask("POST", f"{LIST}/freezing", frozen, "publisher")).status_code == 201
    await runtime.handle(answers(0, 2))
    assert (await stage.ask("POST", f"{LIST}/publication", {}, "publisher")).status_code == 201
    return stage


async def told(stage: Stage) -> set[tuple[str, bool]]:
    """The same on the list itself, among the lists of the office and among what everybody reads."""
    of_the_office = await stage.get("/lists", "publisher")
    of_everybody = await stage.get("/notices", "public")
    answers = [await stage.get(LIST, "publisher"), *of_the_office["items"], *of_everybody["items"]]
    assert len(answers) == 3 and all("counted_by" not in one for one in answers)
    return {(one["ends"], one["provisional"]) for one in answers}


async def test_over_http_a_notice_is_provisional_until_its_years_calendar_is_published() -> None:
    stage = await stage_in_notice()
    assert await told(stage) == {("2027-01-04", True)}
    await publish_calendar(stage.runtime)
    assert await told(stage) == {("2027-01-06", False)}
    await stage.runtime.pass_to(day_start(TOLD + timedelta(days=1)))
    assert await told(stage) == {("2027-01-06", False)}
    assert {one["status"] for one in (await stage.get("/notices", "public"))["items"]} == {"published"}
    await stage.runtime.pass_to(day_start(LATER_BY_TWO + timedelta(days=1)))
    ended = (await stage.get("/notices", "public"))["items"][0]
    assert (ended["status"], ended["ends"], ended["provisional"]) == ("ended", "2027-01-06", False)


async def publish_calendar(runtime: MemoryRuntime) -> None:
    """A new version of the calendar of 2027, in force from today."""
    text = read_policy_file(CALENDAR)
    content = yaml.safe_load(text.text) | {"holidays": [NEW_YEAR], "provisional": False}
    changed = msgspec.structs.replace(
        text, text=yaml.safe_dump(content, allow_unicode=True), effective_from="2026-12-29"
    )
    command = PublishPolicy(make_id("test", "2027"), runtime.business.now(), runtime.actor, changed, changed.sha256)
    await runtime.handle(command)
    await runtime.settle()
