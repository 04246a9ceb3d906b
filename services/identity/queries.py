"""Look-ups on identity's read models and its own states; personal values are opened here, masked, and noted."""

from typing import Any

import msgspec

from libs.events.contracts.base import Personal
from libs.events.contracts.times import instant, time_text
from libs.events.web.desk import Desk
from services.identity import sessions
from services.identity.bodies import Person
from services.identity.domain.accounts import creditcode
from services.identity.domain.accounts.commands import account_stream
from services.identity.domain.accounts.decide import decider as accounts
from services.identity.domain.businessclock.commands import CLOCK_STREAM
from services.identity.domain.businessclock.decide import decider as clock
from services.identity.domain.officials.commands import official_stream
from services.identity.domain.officials.decide import decider as officials
from services.identity.domain.officials.state import OfficialState
from services.identity.domain.rules import account_rules
from services.identity.domain.subjects.commands import subject_stream
from services.identity.domain.subjects.decide import decider as subjects
from services.identity.realname import texts
from services.identity.standing import account_standing, office_content

LARGEST_PAGE = 100


async def own_account(desk: Desk) -> tuple[dict[str, Any], int]:
    account, version = await desk.state(accounts, account_stream(desk.principal.id))
    if not account.registered or account.login is None or account.phone is None or account.email is None:
        desk.raise_not_found()
    contact = {
        "login": await desk.show(account.login, "own account", own=True),
        "phone": await desk.show(account.phone, "own account", own=True),
        "email": await desk.show(account.email, "own account", own=True),
    }
    return account_standing(account, desk.policies()) | contact, version


async def own_official(desk: Desk) -> dict[str, Any]:
    """Always current; the authority, which the token does not name, is the session's."""
    session = await sessions.by_id(desk.documents(sessions.COLLECTION), desk.principal.sid)
    if session is None:
        desk.raise_not_found()
    official, _ = await desk.state(officials, official_stream(session.authority, desk.principal.id))
    if official.name is None:
        desk.raise_not_found()
    office = desk.principal.office
    return {
        "kind": "official",
        "id": desk.principal.id,
        "office": msgspec.to_builtins(office) if office else None,
        "authority": session.authority,
        "name": await desk.show(official.name, "own account", own=True),
        "appointments": appointments_of(official),
    }


async def find_accounts(desk: Desk, credit_code: str, real_name: str, page: int) -> dict[str, Any]:
    where: dict[str, Any] = desk.scope("identity.read_accounts")
    if credit_code:
        where["credit_code"] = creditcode.normalise(credit_code)
    if real_name:
        where["real_name"] = real_name
    found = await desk.view("accounts").find(
        where, sort=("-registered_at",), skip=(page - 1) * LARGEST_PAGE, limit=LARGEST_PAGE
    )
    return {"total": await desk.view("accounts").count(where), "accounts": [await _account(desk, d) for d in found]}


async def _account(desk: Desk, document: dict[str, Any]) -> dict[str, Any]:
    phone = await desk.show(_personal(document["phone"]), "account list")
    return {k: v for k, v in document.items() if k not in ("_id", "login")} | {"phone": phone}


async def find_officials(desk: Desk, authority: str, region: str, page: int) -> dict[str, Any]:
    where: dict[str, Any] = desk.scope("identity.read_officials")
    where |= {"authority": authority} if authority else {}
    where |= {"regions": region} if region else {}
    found = await desk.view("officials").find(
        where, sort=("authority",), skip=(page - 1) * LARGEST_PAGE, limit=LARGEST_PAGE
    )
    return {"total": await desk.view("officials").count(where), "officials": [await _official(desk, d) for d in found]}


async def _official(desk: Desk, document: dict[str, Any]) -> dict[str, Any]:
    name = await desk.show(_personal(document["name"]), "official list")
    return {
        "official": document["official"],
        "authority": document["authority"],
        "name": name,
        "appointments": _appointments(document),
    }


def _appointments(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"appointment": id_, **content} for id_, content in document["appointments"].items()]


def appointments_of(official: OfficialState) -> list[dict[str, Any]]:
    return [office_content(a) for a in official.appointments.values()]


def _personal(value: dict[str, Any]) -> Personal[str]:
    return msgspec.convert(value, Personal[str])


async def business_time(desk: Desk) -> tuple[dict[str, Any], int]:
    state, version = await desk.state(clock, CLOCK_STREAM)
    wall = desk.runtime.wall()
    content = {
        "business": time_text(instant(wall + state.offset_ms)),
        "wall": time_text(instant(wall)),
        "offset_ms": state.offset_ms,
        "forward_only": state.forward_only,
        "movable": desk.runtime.settings.profile != "production",
    }
    return content, version


def public_rules(desk: Desk) -> dict[str, Any]:
    """What a registration form shows before anything is typed."""
    policies = desk.policies()
    rules, real_name = account_rules(policies), texts(policies)
    return {
        "login": rules["login"]["words"],
        "password": rules["password"]["words"],
        "agreements": rules["agreement_titles"],
        "documents": {code: d["title"] for code, d in real_name["documents"].items()},
        "natural_persons": real_name["natural_persons"],
        "contact": real_name["contact"],
    }


async def subject(desk: Desk, subject: str) -> tuple[dict[str, Any], int]:
    """What is known of a person by id alone: erased or not, the key, who wants the values kept."""
    state, version = await desk.state(subjects, subject_stream(subject))
    if not version and not await desk.runtime.keys.known(subject):
        desk.raise_not_found()
    holds = [msgspec.to_builtins(hold) | {"stands": hold.stands(desk.now)} for hold in state.holds]
    content = msgspec.to_builtins(state) | {"subject": subject, "holds": holds, "key_destroyed": state.destroyed > 0}
    return content, version


async def subjects_of(desk: Desk, person: Person) -> list[dict[str, Any]]:
    """The ids under which somebody's values are sealed here; none when nobody of that kind is known."""
    found: list[str] = []
    if person.name:
        found = [desk.person(person.enterprise, person.name)]
    elif person.account:
        account, _ = await desk.state(accounts, account_stream(person.account))
        found = [account.login.subject] if account.login is not None else []
    else:
        document = await desk.view("officials").get(person.official)
        found = [_personal(document["name"]).subject] if document is not None else []
    known = [subject for subject in found if await desk.runtime.keys.known(subject)]
    return [{"subject": subject, "erased": desk.runtime.sealer.is_erased(subject)} for subject in known]
