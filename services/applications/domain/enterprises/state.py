"""An enterprise's state and its fold."""

from datetime import date

import msgspec

from libs.events.contracts.applications import (
    BanNoted,
    DigitalLevelNoted,
    DigitalResult,
    PoolJoined,
    Profile,
    ProfileChanged,
    ProfileCompleted,
    TitleEndNoted,
    TitleNoted,
    UpdateNoted,
    VerificationNoted,
)
from libs.events.contracts.base import Event
from libs.events.contracts.times import business_date


class Title(msgspec.Struct, frozen=True):
    """有效期: both dates included."""

    valid_from: date
    valid_to: date

    def valid_on(self, day: date) -> bool:
        return self.valid_from <= day <= self.valid_to


class Ban(msgspec.Struct, frozen=True):
    since: date
    until: date
    reason: str


class EnterpriseState(msgspec.Struct, frozen=True):
    """`pool` holds (authority, year); `profile_version` counts what the profile said so far."""

    enterprise: str = ""
    accounts: tuple[str, ...] = ()
    name: str = ""
    credit_code: str = ""
    profile: Profile | None = None
    profile_version: int = 0
    titles: dict[str, Title] = {}
    ban: Ban | None = None
    digital: DigitalResult | None = None
    pool: frozenset[tuple[str, int]] = frozenset()
    updates: frozenset[int] = frozenset()

    def stands_for(self, account: str) -> bool:
        """Whether the account was verified as this legal person's."""
        return account in self.accounts

    def titles_on(self, day: date) -> tuple[str, ...]:
        return tuple(sorted(tier for tier, title in self.titles.items() if title.valid_on(day)))

    def ban_on(self, day: date) -> Ban | None:
        return self.ban if self.ban is not None and day <= self.ban.until else None


def initial() -> EnterpriseState:
    return EnterpriseState()


def evolve(state: EnterpriseState, event: Event) -> EnterpriseState:
    replace = msgspec.structs.replace
    match event:
        case VerificationNoted():
            accounts = tuple(dict.fromkeys((*state.accounts, event.account)))
            return replace(
                state, enterprise=event.enterprise, accounts=accounts, name=event.name, credit_code=event.credit_code
            )
        case ProfileCompleted() | ProfileChanged():
            return replace(
                state,
                enterprise=event.enterprise,
                profile=event.profile,
                profile_version=state.profile_version + 1,
            )
        case TitleNoted():
            title = Title(event.valid_from, event.valid_to)
            return replace(state, enterprise=event.enterprise, titles={**state.titles, event.tier: title})
        case TitleEndNoted():
            titles = {tier: title for tier, title in state.titles.items() if tier != event.tier}
            return replace(state, enterprise=event.enterprise, titles=titles)
        case BanNoted():
            ban = Ban(business_date(event.received_at), event.until, event.reason)
            return replace(state, enterprise=event.enterprise, ban=_longer(state.ban, ban))
        case DigitalLevelNoted():
            return replace(state, enterprise=event.enterprise, digital=event.result)
        case PoolJoined():
            return replace(state, enterprise=event.enterprise, pool=state.pool | {(event.authority, event.year)})
        case UpdateNoted():
            return replace(state, enterprise=event.enterprise, updates=state.updates | {event.year})
        case _:
            return state


def _longer(before: Ban | None, ban: Ban) -> Ban:
    return before if before is not None and before.until > ban.until else ban
