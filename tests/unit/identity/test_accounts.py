"""注册, 实名认证, and the ends of sessions."""

from typing import Any

import msgspec
import pytest

from libs.events.contracts.identity import (
    AccountRegistered,
    AccountTokensRevoked,
    RealNameRefused,
    RealNameRequested,
    RealNameVerified,
    SessionEnded,
)
from libs.events.ids import enterprise_id
from services.identity.domain.accounts.commands import (
    EndAccountSession,
    RegisterAccount,
    RequestRealName,
    RevokeAccountTokens,
    account_id,
)
from services.identity.domain.accounts.creditcode import check_character
from services.identity.domain.accounts.refusals import (
    AccountUnknown,
    AgreementsMissing,
    AlreadyRegistered,
    AlreadyVerified,
    PromiseMissing,
    ReservationLapsed,
)
from services.identity.domain.reservations.state import ReservationState
from tests.unit.identity.kit import (
    ACCOUNT,
    COMPANY,
    HELD_FOR,
    LATER,
    LOGIN,
    MYSELF,
    NOW,
    OTHER,
    PHONE,
    PUBLIC,
    given_account,
    sealed,
)

HELD = ReservationState(f"account:{ACCOUNT}", NOW + HELD_FOR)
TAKEN = ReservationState(f"account:{OTHER}")
FREE = ReservationState()
ENTERPRISE = enterprise_id(COMPANY)


def register(**changes: Any) -> RegisterAccount:
    command = RegisterAccount(
        "c1", NOW, PUBLIC, ACCOUNT, "legal", "s" * 32, LOGIN, PHONE,
        sealed("account_login"), sealed("account_phone"), sealed("account_email"), ("registration", "privacy"),
    )  # fmt: skip
    return msgspec.structs.replace(command, **changes)


def real_name(**changes: Any) -> RequestRealName:
    command = RequestRealName(
        "c2", NOW, MYSELF, ACCOUNT, "企业法人", COMPANY, "厦门某某科技有限公司", sealed("legal_representative"),
        "resident_id", sealed("legal_representative_document"), (), sealed("legal_representative_mobile"),
        "厦门市思明区", "3990", "小型", "私人控股", True,
    )  # fmt: skip
    return msgspec.structs.replace(command, **changes)


def given_reserved(*history: Any, login: ReservationState = HELD, phone: ReservationState = HELD) -> Any:
    first, second = register().reads
    return given_account(*history).with_reads({first: login, second: phone})


def given_enterprise(state: ReservationState, *history: Any, command: RequestRealName | None = None) -> Any:
    return given_account(*history).with_reads({(command or real_name()).reads[0]: state})


REGISTERED = given_reserved().when(register()).events[0]
NATURAL = given_reserved().when(register(kind="natural")).events[0]
VERIFIED = RealNameVerified(NOW, ACCOUNT, ENTERPRISE, COMPANY, "厦门某某科技有限公司", "automatic")


def test_registering_says_everything_once() -> None:
    outcome = given_reserved().when(register()).then_types(AccountRegistered)
    assert outcome.state.registered
    assert outcome.state.real_name == "未实名"
    assert outcome.events[0].phone_index == PHONE


def test_the_rules_that_were_used_are_pinned() -> None:
    [registered] = given_reserved().when(register()).events
    assert [pin.kind for pin in registered.policies] == ["account-rules"]
    for command in (real_name(), real_name(name="")):
        [_, answer] = given_enterprise(HELD, REGISTERED).when(command).events
        assert [pin.kind for pin in answer.policies] == ["real-name"]


def test_registering_twice_is_refused() -> None:
    given_reserved(REGISTERED).when(register()).then_refused(AlreadyRegistered)


@pytest.mark.parametrize("agreements", [(), ("registration",), ("privacy", "other")])
def test_both_agreements_are_needed(agreements: tuple[str, ...]) -> None:
    given_reserved().when(register(agreements=agreements)).then_refused(AgreementsMissing)


@pytest.mark.parametrize(("login", "phone"), [(FREE, HELD), (HELD, FREE), (TAKEN, HELD), (HELD, TAKEN)])
def test_login_name_and_phone_must_be_held(login: ReservationState, phone: ReservationState) -> None:
    given_reserved(login=login, phone=phone).when(register()).then_refused(ReservationLapsed)


def test_a_registration_after_its_reservation_has_run_out_starts_again() -> None:
    given_reserved().when(register(received_at=LATER)).then_refused(ReservationLapsed)


def test_the_same_person_gets_the_same_account() -> None:
    assert account_id(LOGIN, PHONE) == account_id(LOGIN, PHONE)
    assert account_id(LOGIN, PHONE) != account_id(LOGIN, LOGIN)


def test_a_right_statement_is_verified_at_once() -> None:
    outcome = given_enterprise(HELD, REGISTERED).when(real_name())
    outcome.then_types(RealNameRequested, RealNameVerified)
    assert outcome.state.enterprise == ENTERPRISE
    assert outcome.state.real_name == "已实名"


@pytest.mark.parametrize("typed", ["９１４４０３００１９２２０３８２１６", " 91440300-19220382 16 "])
def test_the_enterprise_is_the_same_however_its_code_is_typed(typed: str) -> None:
    command = real_name(credit_code=typed)
    assert command.enterprise == ENTERPRISE
    outcome = given_enterprise(HELD, REGISTERED).when(command)
    assert outcome.events[1].credit_code == COMPANY


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"credit_code": "914403001922038217"}, ("credit-code.check-digit",)),
        (
            {"credit_code": "92350200MA2XN1234" + check_character("92350200MA2XN1234")},
            ("credit-code.individual-business",),
        ),
        ({"name": "  "}, ("name.missing",)),
        ({"document_problems": ("id-number.check-digit",)}, ("id-number.check-digit",)),
        (
            {"credit_code": "12345", "document_problems": ("id-number.format",)},
            ("credit-code.length", "id-number.format"),
        ),
    ],
)
def test_a_wrong_statement_is_refused_with_every_reason(changes: dict[str, Any], reasons: tuple[str, ...]) -> None:
    command = real_name(**changes)
    outcome = given_enterprise(HELD, REGISTERED, command=command).when(command)
    outcome.then_types(RealNameRequested, RealNameRefused)
    assert outcome.events[1].reasons == reasons
    assert outcome.state.reasons == reasons
    assert not outcome.state.verified


@pytest.mark.parametrize("reservation", [TAKEN, FREE])
def test_a_credit_code_that_another_account_has_verified_is_refused(reservation: ReservationState) -> None:
    outcome = given_enterprise(reservation, REGISTERED).when(real_name())
    assert outcome.events[1].reasons == ("credit-code.taken",)


def test_after_a_refusal_the_check_may_be_asked_for_again() -> None:
    refused = RealNameRefused(NOW, ACCOUNT, "12345", ("credit-code.length",))
    outcome = given_enterprise(HELD, REGISTERED, refused).when(real_name())
    outcome.then_types(RealNameRequested, RealNameVerified)
    assert outcome.state.reasons == ()


def test_an_odd_organisation_digit_is_verified_with_a_warning() -> None:
    odd = "91440300192203822" + check_character("91440300192203822")
    command = real_name(credit_code=odd)
    outcome = given_enterprise(HELD, REGISTERED, command=command).when(command)
    assert outcome.events[1].warnings == ("credit-code.organisation-digit",)


def test_real_name_is_refused_before_registration_twice_or_without_the_promise() -> None:
    given_enterprise(HELD).when(real_name()).then_refused(AccountUnknown)
    given_enterprise(HELD, REGISTERED, VERIFIED).when(real_name()).then_refused(AlreadyVerified)
    given_enterprise(HELD, REGISTERED).when(real_name(promised=False)).then_refused(PromiseMissing)


def test_a_natural_person_stands_as_one_until_an_enterprise_is_bound() -> None:
    before = given_enterprise(HELD, NATURAL).when(real_name(promised=False)).state
    assert before.stands_as == "natural"
    after = given_enterprise(HELD, NATURAL).when(real_name()).state
    assert (after.kind, after.stands_as) == ("natural", "legal")


def test_a_session_ends_and_tokens_are_revoked() -> None:
    end = EndAccountSession("c3", NOW, MYSELF, ACCOUNT, "e" * 32, "signed-out")
    given_account(REGISTERED).when(end).then(SessionEnded(NOW, "e" * 32, ACCOUNT, "signed-out"))
    given_account().when(end).then_refused(AccountUnknown)
    revoke = RevokeAccountTokens("c4", NOW, MYSELF, ACCOUNT, LATER, "lost phone")
    given_account(REGISTERED).when(revoke).then(AccountTokensRevoked(NOW, ACCOUNT, LATER, "lost phone"))
    given_account().when(revoke).then_refused(AccountUnknown)
