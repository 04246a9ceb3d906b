"""What can be asked of a manual check. Personal values arrive sealed."""

from libs.events.contracts.accounts import CheckPurpose, LicenceScan
from libs.events.contracts.base import Personal
from libs.events.decider import Command
from libs.events.ids import make_id
from libs.events.names import stream_name


def check_stream(check: str) -> str:
    return stream_name("check", check)


def check_id(phone_index: str, key: str) -> str:
    """The same request sent again is the same check; nobody guesses it who does not know the key."""
    return make_id("check", phone_index, key)


class RequestCheck(Command, frozen=True):
    check: str
    purpose: CheckPurpose
    account: str
    requester: str
    enterprise: str
    credit_code: str
    name: str
    legal_person_type: str
    legal_representative: Personal[str]
    document_type: str
    document_number: Personal[str]
    findings: tuple[str, ...]
    phone: Personal[str]
    phone_index: str
    licence: LicenceScan
    authority: str
    region: str
    person_index: str = ""

    @property
    def stream(self) -> str:
        return check_stream(self.check)


class TakeCheck(Command, frozen=True):
    check: str
    official: str

    @property
    def stream(self) -> str:
        return check_stream(self.check)


class AnswerCheck(Command, frozen=True):
    """`findings` are what stands against approving as of now, as reason codes."""

    check: str
    official: str
    approved: bool
    reasons: tuple[str, ...]
    note: str
    findings: tuple[str, ...] = ()

    @property
    def stream(self) -> str:
        return check_stream(self.check)


class WithdrawCheck(Command, frozen=True):
    check: str
    reason: str

    @property
    def stream(self) -> str:
        return check_stream(self.check)
