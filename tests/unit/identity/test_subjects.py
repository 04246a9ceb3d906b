"""Erasing and keeping: once, never against a hold, and the hold says who and until when."""

from datetime import timedelta

from libs.events.contracts.identity import LegalHoldLifted, LegalHoldPlaced, SubjectErased, SubjectKeyDestroyed
from libs.events.errors import RefusedTogether
from libs.events.testing.scenario import scenario
from services.identity.domain.subjects import commands as c
from services.identity.domain.subjects import refusals as no
from services.identity.domain.subjects.decide import decider
from tests.unit.identity.kit import LATER, NOW, POLICIES, SYSTEM

WHO = "5" * 32
COURT, AUDIT = "某市中级人民法院执行局 0512-0000000", "审计处"
given = scenario(decider, POLICIES)
ERASED = SubjectErased(NOW, WHO, "本人申请", "申请2024-7")
HELD = LegalHoldPlaced(NOW, WHO, "h1", COURT, "诉讼", None)
HELD_FOR_A_WEEK = LegalHoldPlaced(NOW, WHO, "h2", AUDIT, "专项检查", NOW + timedelta(days=7))


def erase(at=LATER):  # type: ignore[no-untyped-def]
    return c.EraseSubject("e1", at, SYSTEM, subject=WHO, reason="本人申请", basis="申请2024-7")


def note(found: bool):  # type: ignore[no-untyped-def]
    return c.NoteKeyDestroyed("n1", LATER, SYSTEM, subject=WHO, found=found)


def hold(until=None, at=LATER):  # type: ignore[no-untyped-def]
    return c.PlaceHold("p1", at, SYSTEM, subject=WHO, holder=COURT, reason="诉讼", until=until)


def lift(which: str):  # type: ignore[no-untyped-def]
    return c.LiftHold("l1", LATER, SYSTEM, subject=WHO, hold=which, reason="结案")


def test_somebody_is_erased_once() -> None:
    outcome = given().when(erase(NOW)).then(ERASED)
    assert (outcome.state.erased_at, outcome.state.reason, outcome.state.basis) == (NOW, "本人申请", "申请2024-7")
    given(*outcome.history).when(erase()).then_nothing()


def test_the_key_is_said_to_be_destroyed_once_for_each_time_there_was_one() -> None:
    given().when(note(found=True)).then_nothing()
    first = given(ERASED).when(note(found=False)).then(SubjectKeyDestroyed(LATER, WHO))
    given(*first.history).when(note(found=False)).then_nothing()
    given(*first.history).when(note(found=True)).then(SubjectKeyDestroyed(LATER, WHO, again=True))


def test_a_hold_refuses_and_says_who_and_until_when() -> None:
    refused = given(HELD_FOR_A_WEEK).when(erase()).then_refused(no.OnHold).refusal
    assert (refused.until, refused.since) == (HELD_FOR_A_WEEK.until, NOW)
    assert AUDIT in refused.detail and "专项检查" in refused.detail and "2024-05-13" in refused.detail
    assert refused.way_out and refused.facts == {"hold": "h2", "holder": AUDIT}
    both = given(HELD, HELD_FOR_A_WEEK).when(erase()).then_refused(no.OnHold).refusal
    assert isinstance(both, RefusedTogether)
    assert [r.facts["holder"] for r in both.refusals] == [COURT, AUDIT]


def test_a_hold_ends_with_its_day_or_when_it_is_lifted() -> None:
    given(HELD_FOR_A_WEEK).when(erase(NOW + timedelta(days=7))).then_refused(no.OnHold)
    given(HELD_FOR_A_WEEK).when(erase(NOW + timedelta(days=7, milliseconds=1))).then_types(SubjectErased)
    lifted = given(HELD, HELD_FOR_A_WEEK).when(lift("h1")).then(LegalHoldLifted(LATER, WHO, "h1", "结案"))
    given(*lifted.history).when(erase()).then_refused(no.OnHold)
    given(*lifted.history, LegalHoldLifted(LATER, WHO, "h2", "x")).when(erase()).then_types(SubjectErased)
    given(*lifted.history).when(lift("h1")).then_refused(no.HoldUnknown)


def test_a_hold_is_for_the_future_and_for_what_is_still_there() -> None:
    given().when(hold()).then_types(LegalHoldPlaced)
    given().when(hold(until=LATER)).then_refused(no.HoldOver)
    assert given(ERASED).when(hold()).then_refused(no.AlreadyErased).refusal.since == NOW
