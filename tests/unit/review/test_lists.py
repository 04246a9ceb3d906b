"""A list freezes, asks every case, waits for all answers, is published and ended by the clock, or announced."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from libs.events.batch import LARGEST_COMMIT
from libs.events.contracts.base import Event
from libs.events.contracts.review import (
    ListAnnounced,
    ListAnswersNoted,
    ListFrozen,
    ListMembersAdded,
    ListProgressed,
    ListPublicityEnded,
    ListPublished,
)
from libs.events.contracts.times import day_start
from libs.events.decider import Command, Facts, Policies, Tick
from services.review.domain import lists
from services.review.domain.case import commands as c
from services.review.domain.lists import commands as ask
from services.review.domain.lists import refusals as no
from services.review.domain.lists.due import NOTICE_OVER, due
from services.review.domain.lists.members import PORTION, Members
from services.review.reactions.when_list_progressed_then_command_members import react
from tests import histories as h
from tests.unit.review.kit import LATER, POLICIES, REVIEW, day, given_list, officer, publisher, recorded

PUBLISHER = publisher("province")
WEDNESDAY = day(2024, 5, 8)


def pairs(count: int) -> tuple[ask.Member, ...]:
    return tuple(ask.Member(case=f"{n:032x}", enterprise=f"{n + 10**9:032x}") for n in range(count))


def on_list(command: type[Command], by: Any = PUBLISHER, at: Any = WEDNESDAY, /, **fields: Any) -> Any:
    place = {"authority": h.JIANGSU, "region": h.JIANGSU, "batch": "2024.1", "purpose": "notice"}
    return command(id="x" * 32, received_at=at, actor=by, **(place | fields))


def add(members: Sequence[ask.Member], **fields: Any) -> Any:
    return on_list(ask.AddListMembers, **({"level": "province", "members": tuple(members)} | fields))


def freeze(members: Sequence[ask.Member], by: Any = PUBLISHER, **fields: Any) -> Any:
    told = {"level": "province", "kind": "declaration", "tier": "srdi"} | fields
    return on_list(ask.FreezeList, by, members=tuple(members), **told)


def publish(by: Any = PUBLISHER, at: Any = WEDNESDAY, **fields: Any) -> Any:
    return on_list(ask.PublishList, by, at, **fields)


def announce(by: Any = PUBLISHER, **fields: Any) -> Any:
    return on_list(ask.AnnounceList, by, **({"purpose": "announcement", "document": "苏工信企业〔2024〕1号"} | fields))


def answers(portion: int, size: int, declined: Sequence[str] = (), list_: str = h.NOTICE_LIST) -> Any:
    return ask.NoteAnswers(
        id="x" * 32,
        received_at=WEDNESDAY,
        actor=REVIEW,
        list=list_,
        portion=portion,
        size=size,
        declined=tuple(declined),
        reasons=("review.other-stage",) * len(declined),
    )


def tick(at: Any, kind: str = "any") -> Tick:
    return Tick(id="t" * 32, received_at=at, actor=REVIEW, target=h.NOTICE_LIST, kind=kind, due=at)


def answered(count: int = 3, declined: Sequence[int] = (), **fields: Any) -> list[Event]:
    members = pairs(count)
    history: list[Event] = given_list().when(freeze(members, **fields)).history
    list_ = history[0].list  # type: ignore[attr-defined]
    for start in range(0, count, PORTION):
        size = min(PORTION, count - start)
        no_ = [member.case for n, member in enumerate(members) if n in declined and start <= n < start + size]
        history = given_list(*history).when(answers(start, size, no_, list_)).history
    return history


def test_freezing_hashes_the_sorted_cases_and_asks_the_first_portion() -> None:
    outcome = given_list().when(freeze(pairs(3)[::-1])).then_types(ListFrozen, ListProgressed)
    frozen, progressed = outcome.events
    members = Members.of((m.case, m.enterprise) for m in pairs(3))
    assert (frozen.count, frozen.sha256, frozen.list) == (3, members.sha256, h.NOTICE_LIST)
    assert (progressed.doing, progressed.done, progressed.of, progressed.next) == ("freeze", 3, 3, "")
    assert progressed.cases == tuple(m.case for m in pairs(3))
    assert outcome.state.status == "answering"


def test_the_hash_is_the_one_that_anybody_computes() -> None:
    """printf 'a\\nb\\n' | sha256sum"""
    found = Members.of([("b", "x"), ("a", "y")])
    assert (found.cases, found.enterprises) == (("a", "b"), ("y", "x"))
    assert found.sha256 == "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2"


def test_only_the_publisher_of_the_level_and_region_may() -> None:
    for stranger in (officer("province"), publisher("city"), publisher("province", h.XIAMEN, h.XIAMEN)):
        given_list().when(freeze(pairs(1), stranger)).then_refused(no.NotThePublisher)
        given_list(*answered(1)).when(publish(stranger)).then_refused(no.NotThePublisher)
    given_list().when(add(pairs(1), level="city")).then_refused(no.NotThePublisher)


def test_a_list_is_frozen_once_and_never_empty() -> None:
    given_list(*answered(2)).when(freeze(pairs(1))).then_refused(no.ListAlreadyFrozen)
    given_list(*answered(2)).when(add(pairs(3))).then_refused(no.ListAlreadyFrozen)
    given_list().when(freeze(())).then_refused(no.EmptyList)
    given_list().when(add(())).then_refused(no.EmptyList)


def test_members_given_twice_count_once() -> None:
    added = given_list().when(add(pairs(3))).then_types(ListMembersAdded)
    assert (added.state.status, added.state.authority, added.state.purpose) == ("compiling", h.JIANGSU, "notice")
    given_list(*added.history).when(add(pairs(3))).then_nothing()
    more = given_list(*added.history).when(add(pairs(4))).then_types(ListMembersAdded)
    assert len(more.events[0].cases) == 1
    frozen = given_list(*more.history).when(freeze(pairs(2))).then_types(ListFrozen, ListProgressed)
    assert frozen.events[0].count == 4


def test_a_portions_answers_are_noted_once() -> None:
    history = given_list().when(freeze(pairs(2))).history
    noted = given_list(*history).when(answers(0, 2, [pairs(1)[0].case])).then_types(ListAnswersNoted)
    assert noted.state.reasons == ((pairs(1)[0].case, "review.other-stage"),)
    assert noted.state.members.accepted().cases == (pairs(2)[1].case,)
    given_list(*noted.history).when(answers(0, 2)).then_nothing()
    given_list().when(answers(0, 2)).then_nothing()
    assert ask.NoteAnswers.empty_is_fine


def test_publishing_waits_for_all_answers() -> None:
    history = given_list().when(freeze(pairs(2))).history
    given_list(*history).when(publish()).then_refused(no.AnswersMissing)
    long = given_list().when(freeze(pairs(PORTION + 1))).history
    first = given_list(*long).when(answers(0, PORTION)).history
    given_list(*first).when(publish()).then_refused(no.AnswersMissing)
    both = given_list(*first).when(answers(PORTION, 1)).history
    given_list(*both).when(publish()).then_types(ListPublished, ListProgressed)


def test_the_notice_lasts_as_long_as_the_chain_says_and_pins_what_it_used() -> None:
    outcome = given_list(*answered(3)).when(publish()).then_types(ListPublished, ListProgressed)
    published = outcome.events[0]
    assert (published.starts, published.ends, published.provisional) == (date(2024, 5, 8), date(2024, 5, 13), False)
    assert [pin.id for pin in published.policies] == ["chains-320000", "calendar-2024"]
    assert due(published) == {NOTICE_OVER: day_start(date(2024, 5, 14))}


def test_the_make_up_saturday_of_may_2024_counts() -> None:
    """8, 9, 10, the make-up Saturday 11 and Monday 13."""
    [published, _] = given_list(*answered(1)).when(publish()).events
    assert date(2024, 5, 11).weekday() == 5 and (published.ends - published.starts).days == 5


def test_declined_members_stay_off_the_notice() -> None:
    history = answered(4, declined=(1, 2))
    published, progressed = given_list(*history).when(publish()).then_types(ListPublished, ListProgressed).events
    assert published.count == 2
    assert progressed.cases == (pairs(4)[0].case, pairs(4)[3].case)
    given_list(*answered(2, declined=(0, 1))).when(publish()).then_refused(no.NobodyAccepted)


def test_publishing_out_of_order_is_refused() -> None:
    given_list().when(publish()).then_refused(no.ListNotFrozen)
    given_list(*answered(1)).when(announce(purpose="notice")).then_refused(no.OtherPurpose)
    given_list(*answered(1, purpose="announcement")).when(publish(purpose="announcement")).then_refused(no.OtherPurpose)
    published = given_list(*answered(1)).when(publish()).history
    given_list(*published).when(publish()).then_refused(no.AlreadyPublished)
    yesterday = date(2024, 5, 7)
    given_list(*answered(1)).when(publish(starts=yesterday)).then_refused(no.NoticeInThePast)
    history = answered(1, by=publisher("county"), level="county", region=h.COUNTY)
    given_list(*history).when(publish(publisher("county"), region=h.COUNTY)).then_refused(no.NoPublicityHere)


def test_the_clock_ends_the_notice_the_day_after_its_last() -> None:
    published = given_list(*answered(3)).when(publish()).history
    last_evening = day_start(date(2024, 5, 14)) - timedelta(milliseconds=1)
    given_list(*published).when(tick(last_evening)).then_nothing()
    ended = (
        given_list(*published).when(tick(day_start(date(2024, 5, 14)))).then_types(ListPublicityEnded, ListProgressed)
    )
    assert (ended.state.status, ended.events[1].doing, len(ended.events[1].cases)) == ("ended", "end", 3)
    given_list(*ended.history).when(tick(LATER)).then_nothing()
    assert due(ended.events[0]) == {NOTICE_OVER: None}


def test_an_announcement_has_a_document_and_todays_date() -> None:
    history = answered(2, purpose="announcement")
    said, progressed = given_list(*history).when(announce()).then_types(ListAnnounced, ListProgressed).events
    assert (said.document, said.announced_on, said.count) == ("苏工信企业〔2024〕1号", date(2024, 5, 8), 2)
    assert (progressed.doing, progressed.document, progressed.announced_on) == (
        "announce",
        said.document,
        said.announced_on,
    )
    again = given_list(*history, said, progressed).when(announce())
    again.then_refused(no.AlreadyAnnounced)


# ten thousand


def work_off(history: list[Event]) -> tuple[list[Event], list[ListProgressed]]:
    """The clock as it is: whatever is due becomes a tick, until nothing is."""
    state = lists.decider.fold(history)
    dues: dict[str, Any] = {}
    for event in history:
        _apply(dues, event)
    portions = [event for event in history if isinstance(event, ListProgressed)]
    while kinds := [kind for kind in dues if kind != NOTICE_OVER]:
        events = lists.decider.decide(tick(WEDNESDAY, kinds[0]), state, Facts({}, Policies(POLICIES, WEDNESDAY)))
        assert events, f"{kinds[0]} would be due for ever"
        for event in events:
            state = lists.decider.evolve(state, event)
            _apply(dues, event)
            portions += [event] if isinstance(event, ListProgressed) else []
        history = [*history, *events]
    return history, portions


def _apply(dues: dict[str, Any], event: Event) -> None:
    for kind, at in due(event).items():
        if at is None:
            dues.pop(kind, None)
        else:
            assert kind not in dues
            dues[kind] = at


@pytest.mark.parametrize("count", [1, PORTION, PORTION + 1, 10_000])
def test_every_member_gets_exactly_one_command(count: int) -> None:
    members = pairs(count)
    history: list[Event] = []
    for n in range(0, count - 500, 1000):
        history = given_list(*history).when(add(members[n : n + 1000])).history
    frozen = given_list(*history).when(freeze(members[-500:])).then_types(ListFrozen, ListProgressed)
    assert frozen.events[0].count == count
    _, portions = work_off(frozen.history)
    commands = [command for portion in portions for command in react(recorded(portion, h.NOTICE_LIST))]
    assert all(isinstance(command, c.JoinList) for command in commands)
    assert sorted(command.stream for command in commands) == sorted(
        c.case_stream(m.enterprise, m.case) for m in members
    )
    assert all(len(react(recorded(portion, h.NOTICE_LIST))) <= PORTION for portion in portions)


def test_no_commit_of_a_long_list_is_too_large() -> None:
    from libs.events.codec import encode

    outcome = given_list().when(freeze(pairs(1000)))
    assert sum(len(encode("review", event)[1]) for event in outcome.events) < LARGEST_COMMIT / 2
    added = given_list().when(add(pairs(1000)))
    assert sum(len(encode("review", event)[1]) for event in added.events) < LARGEST_COMMIT / 2


def test_a_clock_that_jumps_over_the_whole_notice_still_starts_it_before_it_ends_it() -> None:
    history = answered(PORTION + 5)
    published = given_list(*history).when(publish()).history
    jumped = given_list(*published).when(tick(day_start(date(2024, 5, 20)), NOTICE_OVER))
    jumped.then_types(ListPublicityEnded, ListProgressed)
    _, portions = work_off(jumped.history)
    did = [(portion.doing, len(portion.cases)) for portion in portions]
    assert did[-4:] == [("publish", PORTION), ("publish", 5), ("end", PORTION), ("end", 5)]


def test_each_work_sends_its_own_command() -> None:
    published = given_list(*answered(1)).when(publish())
    [begin] = react(recorded(published.events[1], h.NOTICE_LIST))
    assert isinstance(begin, c.StartPublicity) and (begin.starts, begin.ends) == (date(2024, 5, 8), date(2024, 5, 13))
    ended = given_list(*published.history).when(tick(day_start(date(2024, 5, 14))))
    [end] = react(recorded(ended.events[1], h.NOTICE_LIST))
    assert isinstance(end, c.EndPublicity)
    said = given_list(*answered(1, purpose="announcement")).when(announce())
    [final] = react(recorded(said.events[1], h.FINAL_LIST))
    assert isinstance(final, c.Announce) and final.document == "苏工信企业〔2024〕1号"
