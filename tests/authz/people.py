"""Everybody who may ask: accounts of every standing, and every role in every seat; each with a real token."""

from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from libs.events.contracts.actors import Office
from libs.events.contracts.identity import AccountRegistered, OfficialAppointed, RealNameVerified
from libs.events.ids import enterprise_id, make_id
from services.identity import sessions, signing
from services.identity.domain.accounts.commands import account_stream
from services.identity.domain.officials.commands import official_stream
from services.identity.domain.rules import account_rules
from tests.authz.runtime import QuietRuntime

SEATS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "seats.yaml").read_text(encoding="utf-8"))
CODES = {"owner": "91320102MA1N0P2Q3R", "stranger": "91350200MA1N0P2Q3X"}
ENTERPRISES = {who: enterprise_id(code) for who, code in CODES.items()}
ACCOUNTS = {"owner": "legal", "stranger": "legal", "unverified": "legal", "natural": "natural"}
PLATFORM = Office("platform", "platform", "000000", "")


class Person(NamedTuple):
    """`group` is what expectations name: anonymous, an account's standing, `unseated`, or an official's role."""

    name: str
    group: str
    token: str = ""
    seat: str = ""
    level: str = ""
    stale: str = ""
    """The token of the same session when the proof of identity no longer counts."""


async def everybody(identity: QuietRuntime) -> list[Person]:
    people = [Person("anonymous", "anonymous")]
    people += [await _account(identity, who, kind) for who, kind in ACCOUNTS.items()]
    people.append(await _official(identity, "unseated", "unseated", Office("320000", "county", "320102", "reviewer")))
    for seat, (authority, level, region) in SEATS["seats"].items():
        for role in SEATS["roles"][level]:
            people.append(
                await _official(identity, f"{role}@{seat}", role, Office(authority, level, region, role), seat)
            )
    for role in SEATS["platform"]:
        office = Office(PLATFORM.authority, PLATFORM.level, PLATFORM.region, role)
        people.append(await _official(identity, f"{role}@platform", f"platform_{role}", office, "platform"))
    return people


async def _account(identity: QuietRuntime, who: str, kind: str) -> Person:
    id_, now = make_id("authz", who), identity.business.now()
    sealed = {name: await identity.sealer.seal(id_, name, text) for name, text in _CONTACT.items()}
    said: list[Any] = [AccountRegistered(now, id_, kind, id_, make_id("login", who), phone_index=who, **sealed)]  # type: ignore[arg-type]
    enterprise = ENTERPRISES.get(who)
    if enterprise:
        said.append(RealNameVerified(now, id_, enterprise, CODES[who], "南京测试传感器有限公司", "automatic"))
    await identity.tell(account_stream(id_), said)
    claims = {"kind": kind, "enterprise": enterprise}
    return Person(who, who, await _token(identity, "account", id_, "", claims))


_CONTACT = {"login": "someone1", "phone": "13800138000", "email": "someone@example.com"}


async def _official(identity: QuietRuntime, name: str, group: str, office: Office, seat: str = "") -> Person:
    id_ = make_id("authz", name)
    appointment = make_id("authz", name, "appointment")
    sealed = await identity.sealer.seal(id_, "official_name", "李四")
    said = OfficialAppointed(
        identity.business.now() - timedelta(days=1),
        id_,
        appointment,
        office,
        id_,
        sealed,
        make_id("login", name),
        "文号",
    )
    await identity.tell(official_stream(office.authority, id_), [said])
    chosen = appointment if seat else ""
    claims = {"kind": "official", "appointment": chosen}
    token = await _token(identity, "official", id_, office.authority, claims)
    stale = await _token(identity, "official", id_, office.authority, claims, fresh=False)
    return Person(name, group, token, seat, office.level if seat else "", stale)


async def _token(
    identity: QuietRuntime, kind: str, id_: str, authority: str, claims: dict[str, Any], fresh: bool = True
) -> str:
    rules = account_rules(identity.policies.at(identity.business.now()))["tokens"]
    session, _ = await sessions.begin(
        identity.documents(sessions.COLLECTION), rules, identity.wall(), kind=kind, holder=id_, authority=authority,
        appointment=claims.get("appointment", ""),
    )  # fmt: skip
    proven = {"step_up": identity.wall() // 1000 + (300 if fresh else -1)} if kind == "official" else {}
    return await signing.access_token(identity, {"sub": id_, "sid": session.sid, **claims, **proven}, 300)
