"""What the routes are given."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, model_validator

from libs.events.contracts.actors import Level
from libs.events.web.models import Body, PersonalMark, PersonalText, SecretMark

Short = Annotated[str, Field(max_length=64)]
Line = Annotated[str, Field(max_length=200)]
Private = Annotated[str, Field(max_length=200), PersonalMark()]
Password = Annotated[str, Field(max_length=1024), SecretMark()]
"""Neither stored nor fingerprinted; its rules are policy data."""


Challenge = Annotated[str, Field(max_length=64), SecretMark()]
Code = Annotated[str, Field(max_length=16), SecretMark()]
"""What proves a number or mailbox; left out of the fingerprint like every secret."""


class Registration(Body):
    """With `challenge` and `code` the phone is confirmed at once; without, `绑定手机号` is a step of its own. With the
    `ticket` of an outside identity that identity is linked."""

    ticket: Challenge = ""
    challenge: Challenge = ""
    code: Code = ""
    password: Password
    kind: Literal["legal", "natural"] = "legal"
    login: Private
    email: Private
    phone: Private
    agreements: Annotated[list[Short], Field(max_length=10)]


class OutsideLinking(Body):
    """`ticket` is what `GET /outside-identity` told this browser."""

    ticket: Challenge
    password: Password
    login: Annotated[str, Field(min_length=1, max_length=200)]


class Unlinking(Body):
    password: Password
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class LoginName(Body):
    login: PersonalText


class CodeAsked(Body):
    """验证码: to `phone` or `email`; `login` where the purpose asks whether they belong together. A busy address adds a
    captcha."""

    purpose: Short
    phone: Private = ""
    email: Private = ""
    login: Private = ""
    captcha: Challenge = ""
    captcha_answer: Code = ""


class RealName(Body):
    """实名认证, the fields of the manual's form; `promise` is the 承诺."""

    legal_person_type: Short = "企业法人"
    credit_code: Short
    name: Line
    legal_representative: Private
    document_type: Short = "resident_id"
    document_number: Private
    phone: Private
    address: Line
    industry: Short
    size: Short
    holding: Short
    promise: bool
    user_type: Literal["legal"] = "legal"
    licence: Short = ""
    captcha: Challenge = ""
    captcha_answer: Code = ""


class PersonRealName(Body):
    """自然人实名认证; `region` (a county's code) and the scan that was uploaded are for documents that a checker looks at."""

    name: Private
    document_type: Short = "resident_id"
    document_number: Private
    region: Annotated[str, Field(pattern=r"^([0-9]{6})?$")] = ""
    licence: Short = ""
    promise: bool
    captcha: Challenge = ""
    captcha_answer: Code = ""


class Proof(Body):
    challenge: Challenge
    code: Code


class PasswordForgotten(Proof):
    """忘记密码: `login` is the login name or the credit code."""

    password: Password
    login: Private
    phone: Private


class PhoneChange(Proof):
    """手机号修改 by the old phone (手机核验) or by e-mail (邮箱核验); the new number proves itself as well."""

    method: Literal["phone", "email"]
    login: Private
    phone: Private = ""
    email: Private = ""
    new_phone: Private
    new_challenge: Challenge
    new_code: Code


class Recovery(Proof):
    """账号找回: what a verified enterprise knows of itself; the code is that of the number to be told at."""

    credit_code: Short
    name: Line
    legal_representative: Private
    document_number: Private
    phone: Private


class Merging(Proof):
    """The verified account of the enterprise, and the code that its phone got."""

    login: Private
    phone: Private


class Closing(Proof):
    password: Password
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class CheckAsked(Proof):
    """人工核验, the fields of the manual's form; `phone` is the new number, `licence` a scan that was uploaded."""

    purpose: Literal["phone", "representative"] = "phone"
    user_type: Literal["legal"] = "legal"
    real_name: Literal["已实名"] = "已实名"
    legal_person_type: Short = "企业法人"
    credit_code: Short
    name: Annotated[str, Field(min_length=1, max_length=200)]
    legal_representative: Annotated[str, Field(min_length=1, max_length=200), PersonalMark()]
    document_type: Short = "resident_id"
    document_number: Annotated[str, Field(min_length=1, max_length=200), PersonalMark()]
    phone: Private
    licence: Short


class CheckAnswer(Body):
    approved: bool
    reasons: Annotated[tuple[Short, ...], Field(max_length=10)] = ()
    note: Line = ""


class PasswordShown(Body):
    """Only measured; neither kept nor logged."""

    password: Password
    login: Private = ""


class CaptchaAsked(Body):
    """`question` is a question in words instead of an image; an image can also be heard."""

    kind: Literal["image", "question"] = "image"


class SignIn(Body):
    password: Password
    login: Annotated[str, Field(min_length=1, max_length=200)]
    appointment: Short | None = None


class ChooseAppointment(Body):
    appointment: Short


class OfficeBody(Body):
    authority: Annotated[str, Field(pattern=r"^([0-9]{6}|platform)$")]
    level: Level
    region: Annotated[str, Field(pattern=r"^[0-9]{6}(z[0-9]{2})?$")]
    role: Short


class NewOfficial(Body):
    password: Password
    login: Private
    name: Private
    phone: Annotated[str | None, Field(max_length=200), PersonalMark()] = None
    office: OfficeBody
    document: Line
    valid_to: AwareDatetime | None = None


class NewAppointment(Body):
    office: OfficeBody
    document: Line
    valid_to: AwareDatetime | None = None


class Why(Body):
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class Person(Body):
    """Exactly one: a name in an enterprise, an account, an official of an authority."""

    enterprise: Short = ""
    name: Private = ""
    account: Annotated[str, Field(pattern=r"^[0-9a-z]{0,64}$")] = ""
    official: Short = ""

    @model_validator(mode="after")
    def _exactly_one(self) -> "Person":
        if bool(self.enterprise) != bool(self.name) or sum(map(bool, (self.name, self.account, self.official))) != 1:
            raise ValueError("give enterprise and name, or account, or official")
        return self


class Erasure(Why):
    basis: Line = ""


class HoldAsked(Why):
    """`holder` is the office that asks, with a way to reach it."""

    holder: Annotated[str, Field(min_length=1, max_length=200)]
    until: AwareDatetime | None = None


class ClockBody(Body):
    """Exactly one: business time becomes `at`, or the offset to wall time becomes `offset_ms`."""

    at: AwareDatetime | None = None
    offset_ms: Annotated[int, Field(ge=-(10**13), le=10**13)] | None = None
    reason: Line = ""

    @model_validator(mode="after")
    def _exactly_one(self) -> "ClockBody":
        if (self.at is None) == (self.offset_ms is None):
            raise ValueError("give either at or offset_ms")
        return self

    def offset(self, wall: datetime) -> int:
        if self.offset_ms is not None:
            return self.offset_ms
        assert self.at is not None
        return round((self.at - wall).total_seconds() * 1000)
