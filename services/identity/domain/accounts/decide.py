"""Registering, proving the real name, ending sessions and tokens."""

from collections.abc import Mapping, Sequence
from typing import Any

from libs.events.contracts.accounts import PhoneConfirmed
from libs.events.contracts.base import Event
from libs.events.contracts.identity import AccountRegistered, AccountTokensRevoked, SessionEnded
from libs.events.decider import Decider, Facts
from libs.events.errors import refuse_if, refuse_unless
from services.identity.domain.accounts import outside, persons, realname, upkeep
from services.identity.domain.accounts.commands import (
    EndAccountSession,
    RegisterAccount,
    RequestRealName,
    RevokeAccountTokens,
    holder_of,
)
from services.identity.domain.accounts.outside import LinkOutsideIdentity, UnlinkOutsideIdentity
from services.identity.domain.accounts.persons import RequestPersonRealName
from services.identity.domain.accounts.refusals import (
    AccountUnknown,
    AgreementsMissing,
    AgreementsOutdated,
    AlreadyRegistered,
    AlreadyVerified,
    PromiseMissing,
    ReservationLapsed,
)
from services.identity.domain.accounts.state import AccountState, evolve, initial
from services.identity.domain.accounts.upkeep import UPKEEP, UpkeepCommand
from services.identity.domain.rules import REAL_NAME, account_rules, pins

AccountCommand = (
    RegisterAccount | RequestRealName | RequestPersonRealName | EndAccountSession | RevokeAccountTokens | LinkOutsideIdentity
    | UnlinkOutsideIdentity | UpkeepCommand
)  # fmt: skip


def decide(command: AccountCommand, state: AccountState, facts: Facts) -> list[Event]:
    match command:
        case RegisterAccount():
            return register(command, state, facts)
        case RequestRealName():
            return request_real_name(command, state, facts)
        case RequestPersonRealName():
            return persons.request(command, state, facts)
        case EndAccountSession():
            return end_session(command, state)
        case RevokeAccountTokens():
            return revoke_tokens(command, state)
        case LinkOutsideIdentity():
            return outside.link(command, state, facts)
        case UnlinkOutsideIdentity():
            return outside.unlink(command, state)
        case _:
            return upkeep.decide(command, state, facts)


def register(command: RegisterAccount, account: AccountState, facts: Facts) -> list[Event]:
    """注册: login name and phone are held for this account, the agreements of the rules are accepted."""
    refuse_if(account.registered, AlreadyRegistered(way_out="请直接登录；忘记密码可重置"))
    agreed = agreements(command.agreements, account_rules(facts.policies))
    for stream in command.reads:
        held_by = facts.reads[stream].holder_at(command.received_at)
        refuse_unless(held_by == holder_of(command.account), ReservationLapsed())
    events: list[Event] = [
        AccountRegistered(
            received_at=command.received_at,
            account=command.account,
            kind=command.kind,
            subject=command.subject,
            login_index=command.login_index,
            login=command.login,
            phone=command.phone,
            email=command.email,
            agreements=agreed,
            phone_index=command.phone_index,
            policies=pins(facts.policies),
        )
    ]
    if command.phone_confirmed:
        events.append(PhoneConfirmed(command.received_at, command.account, "registration"))
    return events


def agreements(given: Sequence[str], rules: Mapping[str, Any]) -> tuple[str, ...]:
    """`registration@2024.1` each: which version was agreed to. One that names a version must name the one in force."""
    versions: Mapping[str, str] = rules["agreement_versions"]
    named = {name: version for name, _, version in (text.partition("@") for text in given)}
    missing = sorted(set(rules["agreements"]) - set(named))
    refuse_if(missing, AgreementsMissing(missing=missing))
    old = sorted(name for name, version in named.items() if version and version != versions.get(name))
    refuse_if(old, AgreementsOutdated(outdated=old, versions=dict(versions), way_out="请阅读现行版本后再同意"))
    return tuple(f"{name}@{versions[name]}" if name in versions else name for name in named)


def request_real_name(command: RequestRealName, account: AccountState, facts: Facts) -> list[Event]:
    """实名认证: of a legal person, by its own account or by a natural person's, which it then binds."""
    refuse_unless(account.open, AccountUnknown())
    refuse_if(account.verified, AlreadyVerified(since=account.verified_at))
    refuse_unless(command.promised, PromiseMissing())
    return realname.check(command, facts.reads[command.reads[0]], pins(facts.policies, REAL_NAME))


def end_session(command: EndAccountSession, account: AccountState) -> list[Event]:
    refuse_unless(account.registered, AccountUnknown())
    return [SessionEnded(command.received_at, command.sid, command.account, command.reason)]


def revoke_tokens(command: RevokeAccountTokens, account: AccountState) -> list[Event]:
    refuse_unless(account.registered, AccountUnknown())
    return [AccountTokensRevoked(command.received_at, command.account, command.before, command.reason)]


decider = Decider(
    "account",
    (
        RegisterAccount,
        RequestRealName,
        EndAccountSession,
        RevokeAccountTokens,
        LinkOutsideIdentity,
        UnlinkOutsideIdentity,
        *UPKEEP,
    ),
    initial,
    evolve,
    decide,
)
