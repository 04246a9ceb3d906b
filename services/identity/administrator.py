"""The system administrator: exists once, from settings; and the process by which officials get their sign-in."""

from libs.events.contracts.actors import Office
from libs.events.errors import Refused, refuse_together
from libs.events.ids import make_id
from libs.events.runtime import Runtime
from services.identity import credentials, reserving
from services.identity.breached import breached_refusals
from services.identity.domain.accounts.logins import common_refusals, normalise
from services.identity.domain.officials.commands import AppointOfficial, holder_of, official_id, official_stream
from services.identity.domain.officials.decide import decider as officials
from services.identity.domain.rules import account_rules
from services.identity.passwords import passwords_of
from services.identity.settings import Settings

OFFICE = Office("platform", "platform", "000000", "system_administrator")


async def ensure_system_administrator(runtime: Runtime) -> None:
    """At start, once per deployment. A changed setting does not change who it is or the password.
    Raises Refused for a password from the list of common ones."""
    settings = runtime.settings
    assert isinstance(settings, Settings)
    login = settings.system_admin_login
    login_index = runtime.sealer.blind("login", normalise(login))
    official = official_id(login_index)
    if (await runtime.state(officials, official_stream(OFFICE.authority, official))).state.exists:
        return
    password = settings.system_admin_password.get_secret_value()
    common = common_refusals(password, runtime.policies.at(runtime.business.now()))
    refuse_together([*common, *breached_refusals(password, settings)])
    await prepare(runtime, official, login_index, password, OFFICE.authority)
    subject = make_id("subject", "official", official)
    command = AppointOfficial(
        id=make_id("system-administrator", official),
        received_at=runtime.business.now(),
        actor=runtime.actor,
        official=official,
        office=OFFICE,
        subject=subject,
        name=await runtime.sealer.seal(subject, "official_name", "系统管理员"),
        phone=None,
        login_index=login_index,
        document="系统配置",
        valid_to=None,
    )
    await runtime.handle(command)


class OfficialElsewhere(Refused):
    code = "identity.official-elsewhere"
    title = "登录名已属于另一机关的工作人员"


async def prepare(
    runtime: Runtime,
    official: str,
    login_index: str,
    password: str,
    authority: str,
    person: str = "",
    initial: bool = False,
) -> None:
    """The login name's reservation, of one of the three administrators also the person's, and the credential, which its
    holder must change at first when it is `initial`. Raises ValueTaken, OfficialElsewhere, credentials.Busy."""
    holder, documents = holder_of(official), runtime.documents(credentials.COLLECTION)
    found = await documents.get(holder)
    if found is not None and found["authority"] != authority:
        raise OfficialElsewhere()
    values: list[reserving.Value] = [("login", login_index)]
    await reserving.hold(runtime, holder, [*values, ("administrator", person)] if person else values)
    kept = account_rules(runtime.policies.at(runtime.business.now()))["reservation_minutes"] * 60_000
    passwords = passwords_of(runtime.settings)
    await credentials.keep(
        documents, passwords, holder, password, runtime.wall(), kept, authority=authority, initial=initial
    )
