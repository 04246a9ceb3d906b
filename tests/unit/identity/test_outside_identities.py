"""Linking an outside identity, as decisions: with which account, by which proof, and taking it off again."""

from typing import Any

import msgspec
import pytest

from libs.events.contracts.accounts import OutsideIdentityLinked, OutsideIdentityUnlinked
from libs.events.contracts.identity import AccountTokensRevoked
from services.identity.domain.accounts.commands import holder_of
from services.identity.domain.accounts.outside import LinkOutsideIdentity, UnlinkOutsideIdentity
from services.identity.domain.accounts.refusals import (
    AccountUnknown,
    OtherEnterprise,
    OutsideIdentityUnknown,
    ReservationLapsed,
    TooManyOutsideIdentities,
)
from services.identity.domain.reservations.state import ReservationState
from tests.unit.identity.kit import ACCOUNT, COMPANY, LATER, NOW, OTHER, PUBLIC, RULES, given_account
from tests.unit.identity.test_accounts import REGISTERED, VERIFIED

IDENTITY = "7" * 32
LINKED = OutsideIdentityLinked(NOW, ACCOUNT, "province", IDENTITY, "password", COMPANY)


def link(identity: str = IDENTITY, **changes: Any) -> LinkOutsideIdentity:
    command = LinkOutsideIdentity("c" * 32, NOW, PUBLIC, ACCOUNT, "province", identity, "password", COMPANY)
    return msgspec.structs.replace(command, **changes)


def unlink() -> UnlinkOutsideIdentity:
    return UnlinkOutsideIdentity("c" * 32, LATER, PUBLIC, ACCOUNT, IDENTITY, "离职", LATER)


def held(command: LinkOutsideIdentity, by: str = ACCOUNT) -> dict[str, Any]:
    return {command.reads[0]: ReservationState(holder_of(by), LATER)}


def given(*history: Any) -> Any:
    return given_account(*history).with_reads(held(link()))


def test_a_verified_account_is_linked_with_what_says_its_own_credit_code() -> None:
    for method in ("password", "credit-code"):
        event = msgspec.structs.replace(LINKED, method=method)
        given(REGISTERED, VERIFIED).when(link(method=method)).then(event)


def test_an_account_without_enterprise_is_linked_by_its_own_proof_only() -> None:
    given(REGISTERED).when(link()).then(LINKED)
    given(REGISTERED).when(link(method="credit-code")).then_refused(OtherEnterprise)


@pytest.mark.parametrize("method", ["password", "credit-code", "registration"])
def test_another_enterprises_credit_code_is_refused_by_whatever_proof(method: str) -> None:
    given(REGISTERED, VERIFIED).when(link(method=method, credit_code="91350100M000100Y43")).then_refused(
        OtherEnterprise
    )


def test_no_credit_code_never_links_by_credit_code() -> None:
    given(REGISTERED).when(link(method="credit-code", credit_code="")).then_refused(OtherEnterprise)
    given(REGISTERED, VERIFIED).when(link(method="credit-code", credit_code="")).then_refused(OtherEnterprise)


def test_only_what_is_held_for_the_account_is_linked() -> None:
    history = (REGISTERED, VERIFIED)
    given_account(*history).with_reads(held(link(), OTHER)).when(link()).then_refused(ReservationLapsed)
    given_account(*history).with_reads({link().reads[0]: ReservationState()}).when(link()).then_refused(
        ReservationLapsed
    )


def test_linking_again_says_nothing_and_nobody_is_not_linked() -> None:
    given(REGISTERED, VERIFIED, LINKED).when(link()).then_nothing()
    given().when(link()).then_refused(AccountUnknown)


def test_there_is_an_end_to_how_many() -> None:
    most = RULES["outside"]["most_linked"]
    many = [msgspec.structs.replace(LINKED, identity=f"{n:032x}") for n in range(most)]
    given(REGISTERED, VERIFIED, *many).when(link()).then_refused(TooManyOutsideIdentities)
    given(REGISTERED, VERIFIED, *many[1:]).when(link()).then(LINKED)


def test_taking_it_off_ends_every_token() -> None:
    command = unlink()
    given(REGISTERED, LINKED).when(command).then(
        OutsideIdentityUnlinked(LATER, ACCOUNT, "province", IDENTITY, "离职"),
        AccountTokensRevoked(LATER, ACCOUNT, LATER, "outside-unlinked"),
    )
    taken_off = OutsideIdentityUnlinked(NOW, ACCOUNT, "province", IDENTITY, "离职")
    given(REGISTERED).when(command).then_refused(OutsideIdentityUnknown)
    given(REGISTERED, LINKED, taken_off).when(command).then_refused(OutsideIdentityUnknown)
    given(REGISTERED, LINKED, taken_off).when(link()).then(LINKED)
