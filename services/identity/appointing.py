"""任命 as a process: the login name is reserved, a credential kept, then the official appointed."""

from starlette.responses import Response

from libs.events.contracts.actors import Office
from libs.events.contracts.base import Event
from libs.events.contracts.identity import OfficialAppointed
from libs.events.errors import Refused, refuse_if, refuse_together
from libs.events.ids import make_id
from libs.events.web.desk import Desk
from services.identity import administrator, credentials, factors, phones, registration
from services.identity.bodies import NewAppointment, NewOfficial, OfficeBody
from services.identity.domain.accounts.logins import chosen_refusals, login_refusals, normalise
from services.identity.domain.accounts.refusals import PhoneNotAllowed, RegistrationRunning
from services.identity.domain.officials.commands import AppointAgain, AppointOfficial, official_id, official_stream
from services.identity.domain.officials.decide import decider as officials
from services.identity.domain.officials.offices import is_separated, problem
from services.identity.domain.officials.refusals import OfficeWrong, PersonalPhoneMissing, SeparatedDuties
from services.identity.domain.reservations.refusals import ValueTaken
from services.identity.domain.rules import account_rules


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
    refusals += chosen_refusals(body.password, body.login, desk.policies())
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
