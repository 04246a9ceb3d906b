"""自然人实名认证: whose account it is, known by the blind index of a document's number. It declares nothing by itself."""

from collections.abc import Sequence

from libs.events.contracts.accounts import (
    CheckNotCarriedOut,
    CheckRequested,
    PersonReferred,
    PersonRefused,
    PersonVerified,
)
from libs.events.contracts.base import Event, Personal
from libs.events.decider import Command, Facts
from libs.events.errors import refuse_if, refuse_unless
from services.identity.domain.accounts.commands import account_stream, holder_of
from services.identity.domain.accounts.realname import MANUAL
from services.identity.domain.accounts.refusals import (
    AccountUnknown,
    AlreadyVerified,
    NotNaturalPerson,
    PromiseMissing,
)
from services.identity.domain.accounts.state import AccountState
from services.identity.domain.reservations.commands import reservation_stream
from services.identity.domain.reservations.state import ReservationState
from services.identity.domain.rules import REAL_NAME, pins

TAKEN = "id-number.taken"


class RequestPersonRealName(Command, frozen=True):
    """The number was checked at the edge, with `problems` as the finding; what is left of it here is its blind index, which
    is reserved for the account."""

    account: str
    name: Personal[str]
    document_type: str
    person_index: str
    problems: tuple[str, ...]
    promised: bool
    check: str = ""
    """The manual check that it was referred to; empty: it is decided at once."""

    @property
    def stream(self) -> str:
        return account_stream(self.account)

    @property
    def reads(self) -> Sequence[str]:
        return (reservation_stream(self.person_index, "person"),)


def request(command: RequestPersonRealName, account: AccountState, facts: Facts) -> list[Event]:
    refuse_unless(account.open, AccountUnknown())
    refuse_unless(account.kind == "natural", NotNaturalPerson(way_out="法人账户请办理法人实名认证"))
    person = account.person
    refuse_if(person, AlreadyVerified(since=person.since if person else None))
    refuse_unless(command.promised, PromiseMissing())
    at, used, reasons = command.received_at, pins(facts.policies, REAL_NAME), command.problems
    if command.check and set(reasons) == {MANUAL}:
        return [PersonReferred(at, command.account, command.check, reasons, used)]
    reservation: ReservationState = facts.reads[command.reads[0]]
    if not reasons and reservation.holder_at(at) != holder_of(command.account):
        reasons = (TAKEN,)
    if reasons:
        return [PersonRefused(at, command.account, reasons, used)]
    return [
        PersonVerified(
            at, command.account, command.name, command.document_type, command.person_index, "automatic", used
        )
    ]


def carried_out(
    command: Command, account: AccountState, requested: CheckRequested, check: str, approved: bool,
    reasons: tuple[str, ...], facts: Facts,
) -> list[Event]:  # fmt: skip
    """What an answered manual check means; it always says something."""
    at, id_ = command.received_at, account.account
    if account.person is not None:
        return [CheckNotCarriedOut(at, id_, check, "verified-before")]
    if approved:
        used = pins(facts.policies, REAL_NAME)
        return [
            PersonVerified(
                at, id_, requested.legal_representative, requested.document_type, requested.person_index, "manual", used
            )
        ]
    if account.person_check == check:
        return [PersonRefused(at, id_, reasons)]
    return [CheckNotCarriedOut(at, id_, check, "refused")]
