"""自然人实名认证 decided: who may ask, what is found, and what a manual check makes of it."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest

from libs.events.contracts.accounts import (
    AccountClosed,
    CheckNotCarriedOut,
    CheckRequested,
    LicenceScan,
    PersonReferred,
    PersonRefused,
    PersonVerified,
)
from libs.events.decider import Policies
from services.identity.domain.accounts.persons import RequestPersonRealName
from services.identity.domain.accounts.refusals import AccountUnknown, AlreadyVerified, NotNaturalPerson, PromiseMissing
from services.identity.domain.accounts.upkeep import CarryOutCheck, CloseAccount
from services.identity.domain.checks.commands import check_stream
from services.identity.domain.checks.state import CheckState
from services.identity.domain.reservations.commands import reservation_stream
from services.identity.domain.rules import REAL_NAME, pins
from tests.frozen import frozen, table
from tests.unit.identity import test_accounts as an_account
from tests.unit.identity.kit import ACCOUNT, LATER, MYSELF, NOW, POLICIES, SYSTEM, given_account, sealed

RULES = pins(Policies(POLICIES, NOW), REAL_NAME)
PERSON, CHECK = "9" * 32, "c" * 32
NAME = sealed("account_holder_name")
VERIFIED = PersonVerified(NOW, ACCOUNT, NAME, "resident_id", PERSON, "automatic")
REFERRED = PersonReferred(NOW, ACCOUNT, CHECK, ("document.manual-check",))
REQUESTED = CheckRequested(
    NOW, CHECK, "person", ACCOUNT, ACCOUNT, "", "", "", "", NAME, "passport", sealed("account_holder_document"),
    ("document.manual-check",), sealed("account_phone"), "2" * 32,
    LicenceScan("0" * 64, 1, "image/png", "b", "s" * 32, "clean"), "000000", "000000", LATER, LATER, False, (), PERSON,
)  # fmt: skip


def asked(**changes: Any) -> RequestPersonRealName:
    command = RequestPersonRealName("p1", NOW, MYSELF, ACCOUNT, NAME, "resident_id", PERSON, (), True)
    return msgspec.structs.replace(command, **changes)


def answered(approved: bool = True) -> CarryOutCheck:
    return CarryOutCheck("p2", NOW, SYSTEM, ACCOUNT, CHECK, approved, () if approved else ("document.mismatch",), NOW)


def given(*events: Any, held: Any = an_account.HELD) -> Any:
    reads = {reservation_stream(PERSON, "person"): held, check_stream(CHECK): CheckState(requested=REQUESTED)}
    return given_account(*events).with_reads(reads)


def test_only_a_natural_persons_open_account_that_promised_is_verified_and_once() -> None:
    given(an_account.NATURAL).when(asked()).then(msgspec.structs.replace(VERIFIED, policies=RULES))
    given(an_account.REGISTERED).when(asked()).then_refused(NotNaturalPerson)
    given().when(asked()).then_refused(AccountUnknown)
    given(an_account.NATURAL, AccountClosed(NOW, ACCOUNT, "x", "2" * 32)).when(asked()).then_refused(AccountUnknown)
    given(an_account.NATURAL).when(asked(promised=False)).then_refused(PromiseMissing)
    given(an_account.NATURAL, VERIFIED).when(asked()).then_refused(AlreadyVerified)


@pytest.mark.parametrize("held", [an_account.FREE, an_account.TAKEN])
def test_a_number_that_is_not_held_for_the_account_is_refused(held: Any) -> None:
    [event] = given(an_account.NATURAL, held=held).when(asked()).events
    assert isinstance(event, PersonRefused) and event.reasons == ("id-number.taken",)


def test_everything_that_is_wrong_is_said_and_only_what_is_left_to_a_checker_is_referred() -> None:
    both = ("name.missing", "document.manual-check")
    [event] = given(an_account.NATURAL).when(asked(problems=both, check=CHECK)).events
    assert isinstance(event, PersonRefused) and event.reasons == both
    [event] = given(an_account.NATURAL).when(asked(problems=("document.manual-check",))).events
    assert isinstance(event, PersonRefused)
    outcome = given(an_account.NATURAL).when(asked(problems=("document.manual-check",), check=CHECK))
    assert isinstance(outcome.events[0], PersonReferred) and outcome.state.person_check == CHECK


def test_an_answered_check_verifies_refuses_or_says_that_nothing_came_of_it() -> None:
    begun = given(an_account.NATURAL, REFERRED)
    [verified] = begun.when(answered()).events
    assert (verified.method, verified.person_index, verified.document_type) == ("manual", PERSON, "passport")
    [refused] = begun.when(answered(approved=False)).events
    assert isinstance(refused, PersonRefused) and refused.reasons == ("document.mismatch",)
    for history, approved in (((VERIFIED,), True), ((VERIFIED,), False), ((), False)):
        [nothing] = given(an_account.NATURAL, *history).when(answered(approved)).events
        assert isinstance(nothing, CheckNotCarriedOut)


def test_a_verified_person_stands_as_a_natural_person_and_the_account_closes_with_the_number() -> None:
    outcome = given(an_account.NATURAL, VERIFIED).when(CloseAccount("p3", NOW, MYSELF, ACCOUNT, "注销", NOW))
    before = outcome.before
    assert (before.stands_as, before.verified, before.real_name) == ("natural", False, "已实名")
    closed = outcome.events[0]
    assert isinstance(closed, AccountClosed) and closed.person_index == PERSON


SITUATIONS: Mapping[str, tuple[Any, ...]] = {
    "a natural person": (an_account.NATURAL,), "a legal person": (an_account.REGISTERED,), "nothing": (),
    "verified": (an_account.NATURAL, VERIFIED), "referred": (an_account.NATURAL, REFERRED),
    "with an enterprise": (an_account.NATURAL, an_account.VERIFIED),
}  # fmt: skip
COMMANDS: Mapping[str, Callable[[], Any]] = {
    "ask": asked,
    "ask without the promise": lambda: asked(promised=False),
    "ask with all wrong": lambda: asked(problems=("name.missing", "id-number.format")),
    "ask with a passport": lambda: asked(problems=("document.manual-check",), check=CHECK, document_type="passport"),
    "approved": answered,
    "not approved": lambda: answered(approved=False),
}


@pytest.mark.parametrize("name", SITUATIONS)
@pytest.mark.parametrize("held", ["held", "free", "taken"])
def test_what_is_said_in_every_situation(name: str, held: str) -> None:
    state = {"held": an_account.HELD, "free": an_account.FREE, "taken": an_account.TAKEN}[held]
    found = table(given(*SITUATIONS[name], held=state), COMMANDS)
    assert found == frozen("identity-persons", f"{name}, {held}", found)
