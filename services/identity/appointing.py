"""任命 as a process: the login name is reserved, a credential kept, then the official appointed."""

from starlette.responses import Response

from libs.events.contracts.actors import Office
from libs.events.contracts.base import Event
from libs.events.contracts.identity import OfficialAppointed
from libs.events.contracts.times import instant
from libs.events.errors import Refused, refuse_if, refuse_together, refuse_unless
from libs.events.ids import make_id
from libs.events.web.authorization import Target
from libs.events.web.desk import Desk
from services.identity import administrator, choosing, credentials, factors, own_password, phones, registration
from services.identity.bodies import NewAppointment, NewOfficial, OfficeBody
from services.identity.domain.accounts.logins import login_refusals, normalise
from services.identity.domain.accounts.refusals import PhoneNotAllowed, RegistrationRunning
from services.identity.domain.officials.commands import (
    AppointAgain,
    AppointOfficial,
    RevokeOfficialTokens,
    holder_of,
    official_id,
    official_stream,
)
from services.identity.domain.officials.decide import decider as officials
from services.identity.domain.officials.offices import is_separated, problem
from services.identity.domain.officials.refusals import OfficeWrong, PersonalPhoneMissing, SeparatedDuties
from services.identity.domain.reservations.refusals import ValueTaken
from services.identity.domain.rules import account_rules
from services.identity.offices_bodies import InitialPassword
from services.identity.passwords import passwords_of


async def appoint(desk: Desk, body: NewOfficial) -> Response:
    """Raises Refused: what was typed wrong, together, before anything is reserved."""
    office, phone = office_of(body.office), phones.normalise(body.phone) if body.phone else None
    refuse_together(_typed_wrong(desk, body, phone))
    login_index = desk.blind("login", normalise(body.login))
    official = official_id(login_index)
    refuse_if(words := problem(office, desk.policies()), OfficeWrong(words))
    person = person_index(desk, office, phone)
    state, _ = await desk.state(officials, official_stream(office.authority, official))
    if not state.exists:
        await _prepare(desk, body, official, login_index, person)
    subject = make_id("subject", "official", official)
    command = AppointOfficial(
        **desk.head,
        official=official,
        office=office,
        subject=subject,
        name=await desk.seal(subject, "official_name", body.name),
        phone=await desk.seal(subject, "official_phone", phone) if phone else None,
        login_index=login_index,
        document=body.document,
        valid_to=body.valid_to,
        person_index=person,
    )
    return await desk.handle(command, body, show=shown)


def person_index(desk: Desk, office: Office, phone: str | None) -> str:
    """What tells one person apart among the three administrators: the phone that is theirs. Empty for any other office.
    Raises PersonalPhoneMissing."""
    if not is_separated(office, desk.policies()):
        return ""
    if phone is None:
        raise PersonalPhoneMissing()
    return desk.blind("administrator", phone)


def _typed_wrong(desk: Desk, body: NewOfficial, phone: str | None) -> list[Refused]:
    refusals = login_refusals(body.login, account_rules(desk.policies()))
    refusals += choosing.refusals(desk, body.password, body.login, phone or "")
    if body.phone and phone is None:
        refusals.append(PhoneNotAllowed("请填写中国大陆的手机号码"))
    return refusals


async def _prepare(desk: Desk, body: NewOfficial, official: str, login_index: str, person: str) -> None:
    # Whoever appoints would know the password of somebody whose acts are to be theirs alone.
    initial = bool(person) or factors.required(desk.runtime)
    authority = body.office.authority
    try:
        await administrator.prepare(desk.runtime, official, login_index, body.password, authority, person, initial)
    except ValueTaken as taken:
        refuse_if(taken.facts.get("what") == "administrator", SeparatedDuties(way_out="请由另一人担任"))
        raise await registration.login_taken(desk, body.login, account_rules(desk.policies())) from None
    except credentials.Busy:
        raise RegistrationRunning(way_out="请用先前填写的密码继续，或稍后再试") from None


class PasswordTheirOwn(Refused):
    code = "identity.password-their-own"
    title = "对方已设置自己的密码"


async def set_initial(desk: Desk, authority: str, official: str, body: InitialPassword) -> Response:
    """Only for somebody who has never come in: whoever has a password of their own cannot be given another's.
    Raises NotPermitted, PasswordTheirOwn, Refused."""
    state, _ = await desk.state(officials, official_stream(authority, official))
    for held in state.appointments.values():
        if not held.ended:
            office = held.office
            desk.allow("identity.appoint", Target(authority=office.authority, region=office.region, state=office.role))
    now, documents = desk.runtime.wall(), desk.documents(credentials.COLLECTION)
    command = RevokeOfficialTokens(
        **desk.head, authority=authority, official=official, before=instant(now), reason="initial-password-set"
    )
    desk.command_id(command)
    refuse_together(await own_password.officials_refusals(desk, state, body.password))
    found = await documents.get(holder_of(official))
    passwords = passwords_of(desk.runtime.settings)
    waiting = found is not None and found.get("initial")
    done = waiting and await credentials.replace(documents, passwords, found or {}, body.password, now, initial=True)
    refuse_unless(done, PasswordTheirOwn(way_out="请对方用自己的密码登录；不再使用的任职可以免职"))
    return await desk.handle(command, body, show=lambda _: {"official": official})


async def appoint_again(desk: Desk, official: str, body: NewAppointment) -> Response:
    command = AppointAgain(
        **desk.head,
        official=official,
        office=office_of(body.office),
        document=body.document,
        valid_to=body.valid_to,
    )
    return await desk.handle(command, body, show=shown)


def office_of(body: OfficeBody) -> Office:
    return Office(body.authority, body.level, body.region, body.role)


def shown(events: list[Event]) -> dict[str, str]:
    return {
        name: value
        for event in events
        if isinstance(event, OfficialAppointed)
        for name, value in (("official", event.official), ("appointment", event.appointment))
    }
