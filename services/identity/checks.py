"""人工核验 at the edge: what was typed is sealed, sent to the checkers of the region, and answered by one of them."""

from typing import Any

import msgspec
from starlette.responses import Response

from libs.events.contracts.accounts import CheckPurpose, CheckRequested, LicenceScan
from libs.events.contracts.base import Event
from libs.events.contracts.times import business_date, time_text
from libs.events.errors import refuse_together
from libs.events.ids import enterprise_id, make_id
from libs.events.web.authorization import Target
from libs.events.web.desk import Desk
from services.identity import attempts, changing, codes, documents, jurisdictions, licences, reserving
from services.identity.bodies import CheckAnswer, CheckAsked
from services.identity.domain.accounts import creditcode
from services.identity.domain.accounts.commands import holder_of
from services.identity.domain.accounts.refusals import CreditCodeNotAllowed, PhoneTaken
from services.identity.domain.accounts.state import AccountState
from services.identity.domain.checks.commands import AnswerCheck, RequestCheck, TakeCheck, check_id, check_stream
from services.identity.domain.checks.deadlines import standing
from services.identity.domain.checks.decide import check_rules, decider
from services.identity.domain.checks.state import CheckState
from services.identity.domain.reservations.refusals import ValueTaken
from services.identity.holders import account_held_by, account_of_enterprise, account_with_phone
from services.identity.realname import explained

STATUS = {
    "waiting": "已提交，待受理", "taken": "已受理，核验中", "approved": "核验通过", "refused": "核验未通过",
    "withdrawn": "已撤回", "lapsed": "逾期失效",
}  # fmt: skip
TAKEN = {"enterprise": "credit-code.taken", "phone": "phone.taken", "person": "person.taken"}


async def ask(desk: Desk, body: CheckAsked) -> Response:
    """人工核验申请 by somebody who cannot sign in. Whether there is such an account is not told."""
    rules = check_rules(desk.policies())
    await attempts.count_address(desk, "check", rules["requests"])
    code, phone = creditcode.normalise(body.credit_code), changing.phone_or_refuse(body.phone)
    wrong = explained(creditcode.problems(code), desk.policies())
    refuse_together([CreditCodeNotAllowed(one["text"], way_out=one.get("way_out", "")) for one in wrong])
    licence = await licences.named(desk, body.licence)
    await codes.redeem(desk, "manual-check", body.challenge, body.code, phone)
    account = await account_of_enterprise(desk.runtime, code)
    with_phone = await account_with_phone(desk.runtime, phone)
    if with_phone.verified and with_phone.account != account.account:
        raise PhoneTaken(way_out="该号码已绑定另一家已实名企业的账户，请换用其他手机号码")
    desk = desk.as_public(desk.blind("check", phone))
    command = await command_of(desk, body, body.purpose, account, code, phone, licence)
    return await desk.handle(command, body, show=lambda events: receipt(events, desk))


async def command_of(
    desk: Desk, body: Any, purpose: CheckPurpose, account: AccountState, code: str, phone: str, licence: LicenceScan
) -> RequestCheck:
    """`body` has the fields of the manual's form."""
    policies, index = desk.policies(), desk.blind("phone", phone)
    check = check_id(index, desk.request.headers.get("idempotency-key", ""))
    authority, region = jurisdictions.of_credit_code(code, check_rules(policies))
    person = desk.person(enterprise_id(code), body.legal_representative)
    return RequestCheck(
        **desk.head,
        check=check,
        purpose=purpose,
        account=account.account,
        requester=desk.principal.id if desk.principal.kind == "account" else "",
        enterprise=enterprise_id(code),
        credit_code=code,
        name=body.name,
        legal_person_type=body.legal_person_type,
        legal_representative=await desk.seal(person, "legal_representative", body.legal_representative),
        document_type=body.document_type,
        document_number=await desk.seal(
            person, "legal_representative_document", documents.normalise(body.document_number)
        ),
        findings=documents.problems(body.document_type, body.document_number, policies, business_date(desk.now)),
        phone=await desk.seal(account.subject or make_id("subject", "check", check), "account_phone", phone),
        phone_index=index,
        licence=licence,
        authority=authority,
        region=region,
    )


def receipt(events: list[Event], desk: Desk) -> dict[str, Any]:
    requested = next(event for event in events if isinstance(event, CheckRequested))
    told = standing(requested, desk.policies())
    return {
        "check": requested.check,
        "status": STATUS["waiting"],
        "due": time_text(told.due),
        "due_provisional": told.due_provisional,
        "next": "核验结果将以短信发送到新手机号；请记下核验编号，可随时查看进度",
    }


def progress(state: CheckState, desk: Desk) -> dict[str, Any]:
    """What whoever knows the check's number may see: how it stands, nothing of what was stated."""
    requested = state.requested
    if requested is None:
        desk.raise_not_found()
    rules, told = check_rules(desk.policies()), standing(requested, desk.policies())
    reasons = [{"code": code, **rules["reasons"].get(code, {})} for code in state.reasons]
    return {
        "check": requested.check,
        "purpose": rules["purposes"][requested.purpose]["title"],
        "status": state.status,
        "status_text": STATUS[state.status],
        "requested_at": time_text(requested.received_at),
        "due": time_text(told.due),
        "due_provisional": told.due_provisional,
        "overdue": state.overdue,
        "reasons": reasons,
        "note": state.note,
        "answered_at": time_text(state.answered_at) if state.answered_at else None,
    }


async def permitted(desk: Desk, check: str, action: str) -> CheckState:
    """The check, for a checker of its region. Raises NotPermitted; 404 when there is none."""
    state, _ = await desk.state(decider, check_stream(check))
    if state.requested is None:
        # Whoever may decide nothing at all is told so; what is not there lies in no region.
        desk.allow(action, Target(authority="", region=""))
        desk.raise_not_found()
    desk.allow(action, Target(authority=state.requested.authority, region=state.requested.region))
    return state


async def detail(desk: Desk, check: str) -> dict[str, Any]:
    """What was stated, what was found, and what stands against approving; every reading of a personal value is noted."""
    state = await permitted(desk, check, "identity.check")
    requested = state.requested
    assert requested is not None
    account = await _about(desk, requested)
    rules = check_rules(desk.policies())
    found = await findings(desk, requested, account)
    return progress(state, desk) | {
        "credit_code": requested.credit_code,
        "name": requested.name,
        "legal_person_type": requested.legal_person_type,
        "legal_representative": await desk.reveal(requested.legal_representative, f"check {check}"),
        "document_type": requested.document_type,
        "document_number": await desk.reveal(requested.document_number, f"check {check}"),
        "phone": await desk.reveal(requested.phone, f"check {check}"),
        "licence": msgspec.to_builtins(requested.licence),
        "document_findings": explained(requested.findings, desk.policies()),
        "registered": _compared(requested, account),
        "against": [{"code": code, **rules["reasons"][code]} for code in found],
        "official": state.official or None,
    }


def _compared(requested: CheckRequested, account: AccountState) -> dict[str, Any] | None:
    """Beside what the account says: told as equal or not, since the checker needs no more."""
    if not account.open or requested.purpose == "person":
        return None
    known = account.legal_representative
    return {
        "real_name": account.real_name,
        "name": account.name or None,
        "name_equal": bool(account.name) and account.name == requested.name,
        "legal_representative_equal": known is not None and known.subject == requested.legal_representative.subject,
    }


async def _about(desk: Desk, requested: CheckRequested) -> AccountState:
    return await account_held_by(desk.runtime, holder_of(requested.account) if requested.account else "")


async def findings(desk: Desk, requested: CheckRequested, account: AccountState) -> tuple[str, ...]:
    """What stands against approving as of now, as reason codes."""
    found = [] if account.open else ["account.none"]
    with_phone = await account_with_phone(desk.runtime, desk_phone := await _phone(desk, requested))
    if requested.purpose not in ("real-name", "person") and desk_phone and with_phone.verified:
        found += [] if with_phone.account == account.account else ["phone.taken"]
    if requested.purpose == "person":
        holder = await reserving.holder(desk.runtime, "person", requested.person_index)
        return (*found, *(() if holder in ("", holder_of(requested.account)) else ("person.taken",)))
    if requested.purpose == "real-name":
        holder = await reserving.holder(desk.runtime, "enterprise", requested.enterprise)
        found += [] if holder in ("", holder_of(requested.account)) else ["credit-code.taken"]
    return tuple(found)


async def _phone(desk: Desk, requested: CheckRequested) -> str:
    return await desk.runtime.sealer.open(requested.phone) or ""


async def take(desk: Desk, check: str) -> Response:
    await permitted(desk, check, "identity.check")
    return await desk.handle(TakeCheck(**desk.head, check=check, official=desk.principal.id))


async def answer(desk: Desk, check: str, body: CheckAnswer) -> Response:
    """核验答复. Approving first makes room: the number, or the enterprise, is held for the account."""
    state = await permitted(desk, check, "identity.check")
    requested = state.requested
    assert requested is not None
    account = await _about(desk, requested)
    found = await findings(desk, requested, account) if body.approved and state.open else ()
    if body.approved and state.open and not found and state.official == desk.principal.id:
        found = await _make_room(desk, requested, account)
    command = AnswerCheck(
        **desk.head,
        check=check,
        official=desk.principal.id,
        approved=body.approved,
        reasons=body.reasons,
        note=body.note,
        findings=found,
    )
    return await desk.handle(command, body)


async def _make_room(desk: Desk, requested: CheckRequested, account: AccountState) -> tuple[str, ...]:
    """Hold what the account will get; an unverified account on the same number goes into it. What is in the way."""
    holder = holder_of(account.account)
    try:
        if requested.purpose == "person":
            await reserving.hold(desk.runtime, holder, (("person", requested.person_index),))
            return ()
        if requested.purpose == "real-name":
            await reserving.hold(desk.runtime, holder, (("enterprise", requested.enterprise),))
            return ()
        other = await account_with_phone(desk.runtime, await _phone(desk, requested))
        if other.open and other.account != account.account:
            await changing.close_for_check(desk, other, account.account, requested.check)
        await reserving.hold(desk.runtime, holder, (("phone", requested.phone_index),))
    except ValueTaken as taken:
        return (TAKEN[taken.facts["what"]],)
    return ()
