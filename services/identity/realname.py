"""实名认证 as a process: what must stay plain is checked at the edge, the enterprise is reserved, then decided."""

from typing import Any

from starlette.responses import Response

from libs.events.contracts.accounts import RealNameReferred
from libs.events.contracts.base import Event
from libs.events.contracts.identity import RealNameRefused, RealNameVerified
from libs.events.contracts.times import business_date
from libs.events.decider import Policies
from libs.events.ids import enterprise_id
from libs.events.web.desk import Desk, events_of
from services.identity import captchas, documents, licences, phones, reserving
from services.identity.bodies import RealName
from services.identity.domain.accounts import creditcode
from services.identity.domain.accounts.commands import RequestRealName, account_stream, holder_of
from services.identity.domain.accounts.decide import decider as accounts
from services.identity.domain.accounts.realname import MANUAL, problems
from services.identity.domain.accounts.refusals import PhoneNotAllowed
from services.identity.domain.accounts.state import AccountState
from services.identity.domain.reservations.refusals import ValueTaken
from services.identity.domain.rules import REAL_NAME
from services.identity.registry import Statement, registry_of


async def request(desk: Desk, body: RealName) -> Response:
    """实名认证: answered at once; what nobody can check automatically goes to an account checker, with the licence."""
    account, policies = desk.principal.id, desk.policies()
    phone = phones.normalise(body.phone)
    if phone is None:
        raise PhoneNotAllowed("请填写中国大陆的手机号码")
    await captchas.need(desk, "real-name", account, body.captcha, body.captcha_answer)
    found = documents.problems(body.document_type, body.document_number, policies, business_date(desk.now))
    found += await _registered(desk, body)
    state, _ = await desk.state(accounts, account_stream(account))
    check = await _referred(desk, body, state, phone, found)
    if not state.verified and body.promise and not problems(body.credit_code, body.name, found):
        await _reserve(desk, account, body.credit_code)
    code = creditcode.normalise(body.credit_code)
    number = documents.normalise(body.document_number)
    person = desk.person(enterprise_id(code), body.legal_representative)
    command = RequestRealName(
        **desk.head,
        account=account,
        legal_person_type=body.legal_person_type,
        credit_code=body.credit_code,
        name=body.name,
        legal_representative=await desk.seal(person, "legal_representative", body.legal_representative),
        document_type=body.document_type,
        document_number=await desk.seal(person, "legal_representative_document", number),
        document_problems=found,
        phone=await desk.seal(person, "legal_representative_mobile", phone),
        address=body.address,
        industry=body.industry,
        size=body.size,
        holding=body.holding,
        promised=body.promise,
        check=check,
    )
    decided = await desk.decide(command, body)
    response = desk.receipt(decided, lambda events: outcome(events, policies))
    if decided.commit is not None and any(isinstance(e, RealNameRefused) for e in events_of(decided.commit)):
        await captchas.failed(desk, "real-name", account)
    return response


async def _registered(desk: Desk, body: RealName) -> tuple[str, ...]:
    """What the registry says, where one is set."""
    stated = Statement(
        creditcode.normalise(body.credit_code), body.name, body.legal_representative, body.document_type,
        documents.normalise(body.document_number),
    )  # fmt: skip
    return await registry_of(desk.runtime.settings).problems(stated)


async def _referred(desk: Desk, body: RealName, state: AccountState, phone: str, found: tuple[str, ...]) -> str:
    """Ask for a manual check where that is all that is left to do and a scan is there; its id, or empty. Raises
    LicenceUnknown."""
    from services.identity import checks

    all_problems = problems(body.credit_code, body.name, found)
    if set(all_problems) != {MANUAL} or state.verified or not body.promise or not body.licence:
        return ""
    licence = await licences.named(desk, body.licence)
    code = creditcode.normalise(body.credit_code)
    command = await checks.command_of(desk, body, "real-name", state, code, phone, licence)
    await desk.decide(command, body)
    return command.check


async def _reserve(desk: Desk, account: str, credit_code: str) -> None:
    """The code is reserved when the check is about to pass, not when it is typed; taken is an answer of the check."""
    try:
        enterprise = enterprise_id(creditcode.normalise(credit_code))
        await reserving.hold(desk.runtime, holder_of(account), (("enterprise", enterprise),))
    except ValueTaken:
        return


def texts(policies: Policies) -> Any:
    """The words of the real-name check. Raises PolicyMissing."""
    return policies.of_authority(REAL_NAME, "national").content


def outcome(events: list[Event], policies: Policies) -> dict[str, Any]:
    """What the person is told: verified for which enterprise, or every reason with the way out."""
    words = texts(policies)
    for event in events:
        if isinstance(event, RealNameVerified):
            return {
                "verified": True,
                "enterprise": event.enterprise,
                "credit_code": event.credit_code,
                "warnings": explained(event.warnings, policies),
                "next": "请刷新登录状态，使用企业身份",
            }
        if isinstance(event, RealNameReferred):
            reasons = explained(event.reasons, policies)
            return {
                "verified": False,
                "referred": True,
                "check": event.check,
                "reasons": reasons,
                "contact": words["contact"],
            }
        if isinstance(event, RealNameRefused):
            return {"verified": False, "reasons": explained(event.reasons, policies), "contact": words["contact"]}
    return {}


def explained(codes: tuple[str, ...], policies: Policies) -> list[dict[str, str]]:
    words = texts(policies)["reasons"]
    return [{"code": code, **words.get(code, {"text": code})} for code in codes]
