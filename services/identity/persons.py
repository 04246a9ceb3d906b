"""自然人实名认证 as a process: the number is checked at the edge and kept by its blind index alone, then decided."""

from typing import Any

from starlette.responses import Response

from libs.events.contracts.accounts import PersonReferred, PersonRefused
from libs.events.contracts.base import Event
from libs.events.contracts.times import business_date
from libs.events.decider import Policies
from libs.events.runtime import Runtime
from libs.events.sealing import Sealer
from libs.events.web.desk import Desk, events_of
from services.identity import captchas, documents, jurisdictions, licences, reserving
from services.identity.bodies import PersonRealName
from services.identity.domain.accounts import idnumber
from services.identity.domain.accounts.commands import account_stream, holder_of
from services.identity.domain.accounts.decide import decider as accounts
from services.identity.domain.accounts.persons import RequestPersonRealName
from services.identity.domain.accounts.realname import MANUAL, NAME_MISSING
from services.identity.domain.accounts.state import AccountState
from services.identity.domain.checks.commands import RequestCheck, check_id
from services.identity.domain.checks.decide import check_rules
from services.identity.domain.reservations.refusals import ValueTaken
from services.identity.realname import texts
from services.identity.registry import PersonStatement, registry_of

SIGNS_IN = "resident_id"
"""The document whose number is a login name."""


def index_of(sealer: Sealer, document_type: str, number: str) -> str:
    return sealer.blind("person-document", f"{document_type}|{documents.normalise(number)}")


async def account_of_number(runtime: Runtime, number: str) -> str:
    """The holder of a verified natural person's account; empty when there is none. The same look-ups in both cases."""
    index = index_of(runtime.sealer, SIGNS_IN, number)
    found = await reserving.holder(runtime, "person", index)
    stream = account_stream(found.removeprefix("account:") or "nobody")
    account: AccountState = (await runtime.state(accounts, stream)).state
    known = account.open and account.person is not None and account.person.index == index
    return found if known else ""


def is_number(login: str) -> bool:
    return not idnumber.problems(idnumber.normalise(login))


async def request(desk: Desk, body: PersonRealName) -> Response:
    """自然人实名认证: answered at once; what nobody can check automatically goes to an account checker, with the scan."""
    account, policies = desk.principal.id, desk.policies()
    await captchas.need(desk, "real-name", account, body.captcha, body.captcha_answer)
    state, _ = await desk.state(accounts, account_stream(account))
    found = await _problems(desk, body)
    index = index_of(desk.runtime.sealer, body.document_type, body.document_number)
    possible = state.open and state.kind == "natural" and state.person is None and body.promise
    check = await _referred(desk, body, state, index) if possible and set(found) == {MANUAL} else ""
    if possible and not found:
        await _reserve(desk, account, index)
    command = RequestPersonRealName(
        **desk.head,
        account=account,
        name=await desk.seal(state.subject or account, "account_holder_name", body.name),
        document_type=body.document_type,
        person_index=index,
        problems=found,
        promised=body.promise,
        check=check,
    )
    decided = await desk.decide(command, body)
    response = desk.receipt(decided, lambda events: outcome(events, policies))
    if decided.commit is not None and any(isinstance(e, PersonRefused) for e in events_of(decided.commit)):
        await captchas.failed(desk, "real-name", account)
    return response


async def _problems(desk: Desk, body: PersonRealName) -> tuple[str, ...]:
    missing = () if body.name.strip() else (NAME_MISSING,)
    found = documents.problems(body.document_type, body.document_number, desk.policies(), business_date(desk.now))
    stated = PersonStatement(body.name, body.document_type, documents.normalise(body.document_number))
    return (*missing, *found, *await registry_of(desk.runtime.settings).person_problems(stated))


async def _referred(desk: Desk, body: PersonRealName, state: AccountState, index: str) -> str:
    """Ask for a manual check where a scan is there; its id, or empty. The checker must see the number, so it lies sealed
    in the check, for the account's own subject. Raises LicenceUnknown."""
    if not body.licence or state.phone is None:
        return ""
    licence = await licences.named(desk, body.licence)
    authority, region = jurisdictions.of_region(body.region, check_rules(desk.policies()))
    check = check_id(state.phone_index, desk.request.headers.get("idempotency-key", ""))
    number = documents.normalise(body.document_number)
    command = RequestCheck(
        **desk.head, check=check, purpose="person", account=state.account, requester=state.account, enterprise="",
        credit_code="", name="", legal_person_type="",
        legal_representative=await desk.seal(state.subject, "account_holder_name", body.name),
        document_type=body.document_type,
        document_number=await desk.seal(state.subject, "account_holder_document", number),
        findings=(MANUAL,), phone=state.phone, phone_index=state.phone_index, licence=licence, authority=authority,
        region=region, person_index=index,
    )  # fmt: skip
    await desk.decide(command, body)
    return check


async def _reserve(desk: Desk, account: str, index: str) -> None:
    """Reserved when the check is about to pass; taken is an answer of the check."""
    try:
        await reserving.hold(desk.runtime, holder_of(account), (("person", index),))
    except ValueTaken:
        return


def outcome(events: list[Event], policies: Policies) -> dict[str, Any]:
    """Verified, referred or every reason; and in each case why nothing can be declared, and both ways to it."""
    words = texts(policies)
    told: dict[str, Any] = {"verified": not any(isinstance(e, PersonRefused | PersonReferred) for e in events)}
    for event in events:
        if isinstance(event, PersonReferred):
            told |= {"referred": True, "check": event.check}
        if isinstance(event, PersonReferred | PersonRefused):
            told |= {"reasons": explained(event.reasons, policies), "contact": words["contact"]}
    return told | {"may_declare": False, "notice": words["natural_persons"]}


def explained(codes: tuple[str, ...], policies: Policies) -> list[dict[str, Any]]:
    """In the words for natural persons, where they differ."""
    words = texts(policies)
    known = {**check_rules(policies)["reasons"], **words["reasons"], **words["person_reasons"]}
    return [{"code": code, **known.get(code, {"text": code})} for code in codes]
