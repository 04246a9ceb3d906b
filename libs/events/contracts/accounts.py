"""What `identity` says of accounts in trouble: confirmed and changed phones, resets, manual checks, answers."""

from datetime import datetime
from typing import Literal

import msgspec

from libs.events.contracts.base import Event, Personal, PolicyPin, event

CheckPurpose = Literal["phone", "real-name", "representative", "person"]


class LicenceScan(msgspec.Struct, frozen=True):
    """营业执照扫描件: the content lies in `blob`, sealed for `subject`. `scan` says whether it was looked at for malware."""

    sha256: str
    size: int
    media_type: str
    blob: str
    subject: str
    scan: Literal["clean", "not-scanned"]


@event("identity")
class PhoneConfirmed(Event, frozen=True):
    """手机号已核验: a code that was sent to the account's number came back."""

    account: str
    method: Literal["registration", "binding", "reset"]


@event("identity")
class PasswordReset(Event, frozen=True):
    """忘记密码: from here the new password counts; every session has ended."""

    account: str
    method: Literal["sms"]


@event("identity")
class PasswordChanged(Event, frozen=True):
    """修改密码, by whoever is signed in and knows the present one; their other sessions have ended."""

    account: str


@event("identity")
class AccountClosed(Event, frozen=True):
    """账户注销; with `into` it was merged into the verified account of the same enterprise."""

    account: str
    reason: str
    phone_index: str
    enterprise: str = ""
    into: str = ""
    person_index: str = ""


@event("identity")
class OutsideIdentityLinked(Event, frozen=True):
    """关联统一登录: whoever the provider says is `identity` signs in to the account. `identity` is the blind index of issuer
    and subject; `credit_code` is what the provider said of the enterprise, empty when it said nothing."""

    account: str
    provider: str
    identity: str
    method: Literal["password", "credit-code", "registration"]
    credit_code: str = ""


@event("identity")
class OutsideIdentityUnlinked(Event, frozen=True):
    """解除关联."""

    account: str
    provider: str
    identity: str
    reason: str


@event("identity")
class RealNameReferred(Event, frozen=True):
    """转人工核验: the automatic check cannot decide, an account checker will."""

    account: str
    check: str
    credit_code: str
    reasons: tuple[str, ...]
    policies: tuple[PolicyPin, ...] = ()


@event("identity")
class PersonVerified(Event, frozen=True):
    """自然人实名认证通过: whose account it is. `person_index` is the blind index of the document's kind and number, which
    itself is in no event; it is reserved under it."""

    account: str
    name: Personal[str]
    document_type: str
    person_index: str
    method: Literal["automatic", "manual"]
    policies: tuple[PolicyPin, ...] = ()


@event("identity")
class PersonRefused(Event, frozen=True):
    """自然人实名认证未通过, with every reason."""

    account: str
    reasons: tuple[str, ...]
    policies: tuple[PolicyPin, ...] = ()


@event("identity")
class PersonReferred(Event, frozen=True):
    """自然人实名认证转人工核验."""

    account: str
    check: str
    reasons: tuple[str, ...]
    policies: tuple[PolicyPin, ...] = ()


@event("identity")
class RepresentativeChanged(Event, frozen=True):
    """变更法定代表人, after a manual check."""

    account: str
    enterprise: str
    check: str
    legal_representative: Personal[str]
    document_type: str
    document_number: Personal[str]


@event("identity")
class CheckNotCarriedOut(Event, frozen=True):
    """A manual check was approved and could not be carried out on the account any more."""

    account: str
    check: str
    reason: str


@event("identity")
class CheckRequested(Event, frozen=True):
    """人工核验申请: what was stated, to whom it goes, and by when it is answered.

    `account` is whom it is about (empty: nobody stands for the enterprise); `requester` the signed-in account, if any.
    """

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
    due: datetime
    lapses: datetime
    provisional: bool
    policies: tuple[PolicyPin, ...] = ()
    person_index: str = ""
    """Of a natural person: the blind index of the document's number. The name is then in `legal_representative`."""


@event("identity")
class CheckTaken(Event, frozen=True):
    """受理: an account checker looks at it; taking it over from another is the same."""

    check: str
    official: str


@event("identity")
class CheckAnswered(Event, frozen=True):
    """核验结果: approved, or refused with every reason."""

    check: str
    purpose: CheckPurpose
    account: str
    approved: bool
    reasons: tuple[str, ...] = ()
    note: str = ""
    policies: tuple[PolicyPin, ...] = ()


@event("identity")
class CheckWithdrawn(Event, frozen=True):
    check: str
    reason: str


@event("identity")
class CheckOverdue(Event, frozen=True):
    """逾期未答复: seen by the requester and by everybody above the checker."""

    check: str


@event("identity")
class CheckLapsed(Event, frozen=True):
    """失效: nobody answered in time; the requester is told and may ask again."""

    check: str
    account: str


@event("identity")
class AnswerDue(Event, frozen=True):
    """答复待发送, by SMS and by e-mail where there is one; `about` names the text in the policy."""

    answer: str
    about: str
    account: str = ""
    check: str = ""
    phone: Personal[str] | None = None
    email: Personal[str] | None = None
    login: Personal[str] | None = None
    reasons: tuple[str, ...] = ()


@event("identity")
class AnswerSent(Event, frozen=True):
    """答复已发送, or given up with the reason."""

    answer: str
    channel: Literal["sms", "email"]
    outcome: str
