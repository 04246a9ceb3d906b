"""任命, 兼任, 免职, 任期届满."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from libs.events.contracts.actors import Office
from libs.events.contracts.identity import AccountTokensRevoked, AppointmentEnded, OfficialAppointed, SessionEnded
from libs.events.decider import Tick
from libs.events.ids import entity_id
from services.identity.domain.accounts.refusals import ReservationLapsed
from services.identity.domain.officials.commands import (
    AppointAgain,
    AppointOfficial,
    EndAppointment,
    EndOfficialSession,
    RevokeOfficialTokens,
    official_id,
)
from services.identity.domain.officials.decide import decider
from services.identity.domain.officials.refusals import (
    AlreadyAppointed,
    AppointmentOver,
    AppointmentUnknown,
    DocumentMissing,
    OfficeWrong,
    OfficialExists,
    OfficialUnknown,
)
from services.identity.domain.reservations.state import ReservationState
from tests.unit.identity.kit import CITY, COUNTY, HELD_FOR, LATER, LOGIN, NOW, SYSTEM, given_official, sealed

OFFICIAL = official_id(LOGIN)
HELD = ReservationState(f"official:{OFFICIAL}", NOW + HELD_FOR)


def appoint(**changes: Any) -> AppointOfficial:
    command = AppointOfficial(
        "c1", NOW, SYSTEM, OFFICIAL, COUNTY, "s" * 32, sealed("official_name"), sealed("official_phone"),
        LOGIN, "宁工信人〔2024〕1号", None,
    )  # fmt: skip
    return msgspec.structs.replace(command, **changes)


def again(**changes: Any) -> AppointAgain:
    command = AppointAgain("c2", NOW, SYSTEM, OFFICIAL, CITY, "宁工信人〔2024〕2号", None)
    return msgspec.structs.replace(command, **changes)


def given_held(*history: Any, reservation: ReservationState = HELD) -> Any:
    return given_official(*history).with_reads({appoint().reads[0]: reservation})


APPOINTED: OfficialAppointed = given_held().when(appoint()).events[0]
FIRST = entity_id("c1", 1)


def test_an_official_is_appointed_by_a_document() -> None:
    outcome = given_held().when(appoint()).then_types(OfficialAppointed)
    (active,) = outcome.state.active(NOW)
    assert (active.id, active.office) == (FIRST, COUNTY)
    assert [pin.kind for pin in outcome.events[0].policies] == ["offices"]


@pytest.mark.parametrize(
    ("changes", "refusals"),
    [
        ({"document": " "}, (DocumentMissing,)),
        ({"valid_to": NOW}, (AppointmentOver,)),
        ({"office": Office("320000", "county", "320100", "reviewer")}, (OfficeWrong,)),
        ({"document": "", "office": Office("320000", "city", "320102", "reviewer")}, (OfficeWrong, DocumentMissing)),
    ],
)
def test_a_wrong_appointment_is_refused_with_every_reason(changes: dict[str, Any], refusals: tuple[Any, ...]) -> None:
    given_held().when(appoint(**changes)).then_refused(*refusals)


@pytest.mark.parametrize(
    ("office", "allowed"),
    [
        (Office("320000", "county", "320102", "reviewer"), True),
        (Office("350200", "county", "350200z01", "reviewer"), True),
        (Office("350200", "county", "350203", "publisher"), True),
        (Office("350200", "city", "350200", "publisher"), True),
        (Office("320000", "city", "320500", "window_manager"), True),
        (Office("320000", "province", "320000", "reviewer"), True),
        (Office("110000", "county", "110108", "reviewer"), True),
        (Office("000000", "ministry", "000000", "reviewer"), True),
        (Office("platform", "platform", "000000", "system_administrator"), True),
        (Office("320000", "county", "350203", "reviewer"), False),
        (Office("350200", "county", "350102", "reviewer"), False),
        (Office("320000", "county", "320102", "system_administrator"), False),
        (Office("320000", "county", "320102", "window_manager"), False),
        (Office("320000", "province", "320100", "reviewer"), False),
        (Office("320100", "county", "320102", "reviewer"), False),
        (Office("320102", "county", "320102", "reviewer"), False),
        (Office("000000", "province", "320000", "reviewer"), False),
        (Office("platform", "platform", "320000", "system_administrator"), False),
        (Office("320000", "platform", "000000", "system_administrator"), False),
    ],
)
def test_level_region_and_role_of_an_office_fit(office: Office, allowed: bool) -> None:
    outcome = given_held().when(appoint(office=office))
    assert (outcome.refusal is None) is allowed, outcome.refusal


def test_the_login_name_must_be_held_and_the_official_new() -> None:
    given_held(reservation=ReservationState()).when(appoint()).then_refused(ReservationLapsed)
    given_held(APPOINTED).when(appoint()).then_refused(OfficialExists)


def test_a_further_office_of_the_same_person() -> None:
    outcome = given_official(APPOINTED).when(again()).then_types(OfficialAppointed)
    assert {a.office for a in outcome.state.active(NOW)} == {COUNTY, CITY}
    assert isinstance(new := outcome.events[0], OfficialAppointed)
    assert new.name == APPOINTED.name


def test_a_further_office_is_refused_when_held_or_nobody_is_there() -> None:
    given_official(APPOINTED).when(again(office=COUNTY)).then_refused(AlreadyAppointed)
    given_official().when(again()).then_refused(OfficialUnknown)
    given_official(APPOINTED).when(again(document="")).then_refused(DocumentMissing)


def end(appointment: str = FIRST) -> EndAppointment:
    return EndAppointment("c3", NOW, SYSTEM, "320000", OFFICIAL, appointment, "调离")


def test_an_appointment_ends_once() -> None:
    outcome = given_official(APPOINTED).when(end()).then_types(AppointmentEnded)
    assert outcome.state.active(NOW) == ()
    given_official(*outcome.history).when(end()).then_nothing()
    given_official(*outcome.history).when(again(office=COUNTY)).then_types(OfficialAppointed)


def test_an_unknown_appointment_cannot_end() -> None:
    given_official(APPOINTED).when(end("f" * 32)).then_refused(AppointmentUnknown)
    given_official().when(end()).then_refused(OfficialUnknown)


def tick(at: datetime) -> Tick:
    return Tick("t", at, SYSTEM, appoint().stream, f"end-{FIRST}", LATER)


def test_a_term_of_office_ends_by_itself() -> None:
    termed = msgspec.structs.replace(APPOINTED, valid_to=LATER)
    given_official(termed).when(tick(NOW)).then_nothing()
    ended = AppointmentEnded(LATER, OFFICIAL, FIRST, "expired")
    given_official(termed).when(tick(LATER)).then(ended)
    given_official(termed, ended).when(tick(LATER)).then_nothing()
    assert given_official(termed).when(tick(NOW)).state.active(LATER) == ()
    assert decider.due(termed) == {f"end-{FIRST}": LATER}
    assert decider.due(ended) == {f"end-{FIRST}": None}


def test_sessions_and_tokens_of_officials_end() -> None:
    sign_out = EndOfficialSession("c4", NOW, SYSTEM, "320000", OFFICIAL, "e" * 32, "signed-out")
    given_official(APPOINTED).when(sign_out).then_types(SessionEnded)
    given_official().when(sign_out).then_refused(OfficialUnknown)
    revoke = RevokeOfficialTokens("c5", NOW, SYSTEM, "320000", OFFICIAL, LATER, "停职")
    given_official(APPOINTED).when(revoke).then(AccountTokensRevoked(NOW, OFFICIAL, LATER, "停职"))
    given_official().when(revoke).then_refused(OfficialUnknown)
