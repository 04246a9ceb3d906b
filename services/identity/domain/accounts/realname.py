"""实名认证, the automatic check: format, check digits, conflicts. Reasons are codes; their words are policy data."""

from libs.events.contracts.accounts import RealNameReferred
from libs.events.contracts.base import Event, PolicyPin
from libs.events.contracts.identity import RealNameRefused, RealNameRequested, RealNameVerified
from services.identity.domain.accounts import creditcode
from services.identity.domain.accounts.commands import RequestRealName, holder_of
from services.identity.domain.reservations.state import ReservationState

TAKEN = "credit-code.taken"
NAME_MISSING = "name.missing"
MANUAL = "document.manual-check"


def check(command: RequestRealName, reservation: ReservationState, used: tuple[PolicyPin, ...]) -> list[Event]:
    """The request as it was stated, and the answer to it."""
    reasons = problems(command.credit_code, command.name, command.document_problems)
    if command.check and set(reasons) == {MANUAL}:
        code = creditcode.normalise(command.credit_code)
        referred = RealNameReferred(command.received_at, command.account, command.check, code, reasons, used)
        return [requested(command), referred]
    if not reasons and reservation.holder_at(command.received_at) != holder_of(command.account):
        reasons = (TAKEN,)
    return [requested(command), refused(command, reasons, used) if reasons else verified(command, used)]


def problems(credit_code: str, name: str, document_problems: tuple[str, ...]) -> tuple[str, ...]:
    """Everything that can be said from the statement alone."""
    code = creditcode.normalise(credit_code)
    return (*creditcode.problems(code), *(() if name.strip() else (NAME_MISSING,)), *document_problems)


def requested(command: RequestRealName) -> RealNameRequested:
    return RealNameRequested(
        received_at=command.received_at,
        account=command.account,
        enterprise=command.enterprise,
        credit_code=creditcode.normalise(command.credit_code),
        name=command.name.strip(),
        legal_representative=command.legal_representative,
        document_type=command.document_type,
        document_number=command.document_number,
        address=command.address,
        industry=command.industry,
        size=command.size,
        holding=command.holding,
        legal_person_type=command.legal_person_type,
        phone=command.phone,
    )


def verified(command: RequestRealName, used: tuple[PolicyPin, ...]) -> RealNameVerified:
    code = creditcode.normalise(command.credit_code)
    return RealNameVerified(
        received_at=command.received_at,
        account=command.account,
        enterprise=command.enterprise,
        credit_code=code,
        name=command.name.strip(),
        method="automatic",
        warnings=creditcode.warnings(code),
        policies=used,
    )


def refused(command: RequestRealName, reasons: tuple[str, ...], used: tuple[PolicyPin, ...]) -> RealNameRefused:
    code = creditcode.normalise(command.credit_code)
    return RealNameRefused(command.received_at, command.account, code, reasons, used)
