"""The one authorization function, over one table in data: action × who × relation of jurisdictions × state."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from libs.events.contracts.actors import NATION, Office, covering, covers
from libs.events.web.principals import NotSignedIn, Principal

Relation = Literal["own", "covers", "same", "below", "above", "authority", "any"]


class Grant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row: who may, in which relation to the target, in which of its states. Empty `roles`, `levels`, `states` mean any.

    `own`: the account's enterprise. `covers`: the office's region holds the target's, within its authority; `same`, `below`
    and `above` are the parts of that and its reverse: exactly there, strictly inside, the regions over the office's.
    `seated`: an official acts under an appointment; false where it does not matter whether one is chosen.
    `hide`: who may not is told that there is nothing. `step_up`: only shortly after proving oneself anew.
    """

    who: Literal["anyone", "account", "official"]
    relation: Relation = "any"
    roles: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    kind: str | None = None
    verified: bool = False
    hide: bool = False
    states: tuple[str, ...] = ()
    step_up: bool = False
    seated: bool = True


class Target(msgspec.Struct, frozen=True):
    """What is acted upon: whose it is, where it lies, and how it stands."""

    enterprise: str | None = None
    authority: str | None = None
    region: str | None = None
    state: str | None = None


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a reason code tells."""

    words: str
    way_out: str = ""


REASONS: Mapping[str, Reason] = msgspec.convert(
    yaml.load((Path(__file__).parent / "reasons.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader),
    dict[str, Reason],
)
_NEARNESS = {code: n for n, code in enumerate(REASONS)}
STEP_UP = "step-up-required"


class NotPermitted(Exception):
    """`code` is one of REASONS. `hidden`: whether even the target's existence is to be kept secret (404, not 403)."""

    who: Principal | None = None
    """Set where it is known, for the access log."""

    def __init__(self, action: str, code: str, hidden: bool = False) -> None:
        self.action, self.code, self.hidden = action, code, hidden
        self.reason, self.way_out = REASONS[code].words, REASONS[code].way_out
        super().__init__(f"{action}: {self.reason}")


Table = Mapping[str, tuple[Grant, ...]]
_NOTHING: dict[str, Any] = {"enterprise": {"$in": []}}


def load_table(path: Path) -> Table:
    """A service's `policy/authorization.yaml`. Raises ValueError with the row that is wrong."""
    rows = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or {}
    try:
        return {action: msgspec.convert(grants, tuple[Grant, ...]) for action, grants in rows.items() if "." in action}
    except msgspec.ValidationError as error:
        raise ValueError(f"{path}: {error}") from error


def authorize(table: Table, principal: Principal, action: str, target: Target) -> None:
    """Return if some grant lets `principal` do `action` on `target`. Raises NotSignedIn, NotPermitted; KeyError never:
    an action without a row is permitted to nobody."""
    grants = table.get(action, ())
    if any(_permits(grant, principal, target) for grant in grants):
        return
    if principal.kind == "public":
        raise NotSignedIn("请先登录")
    code = why_not(grants, principal, target)
    raise NotPermitted(action, code, code != STEP_UP and any(grant.hide for grant in grants))


def _permits(grant: Grant, principal: Principal, target: Target) -> bool:
    return (
        is_who(grant, principal)
        and _relates(grant, principal, target)
        and (not grant.states or target.state in grant.states)
        and (not grant.step_up or principal.stepped_up)
    )


def is_who(grant: Grant, principal: Principal) -> bool:
    """Whether a grant is for somebody like this, whatever the target."""
    if grant.who == "anyone":
        return True
    if grant.who != principal.kind:
        return False
    if grant.who == "account":
        return (grant.kind is None or grant.kind == principal.account_kind) and (
            not grant.verified or principal.enterprise is not None
        )
    office = principal.office
    if office is None:
        return not grant.seated
    return (not grant.roles or office.role in grant.roles) and (not grant.levels or office.level in grant.levels)


def _relates(grant: Grant, principal: Principal, target: Target) -> bool:
    office = principal.office
    match grant.relation:
        case "any":
            return True
        case "own":
            return target.enterprise is not None and target.enterprise == principal.enterprise
        case "authority":
            return office is not None and office.authority in (target.authority, NATION)
        case relation:
            return (
                office is not None
                and target.region is not None
                and office.authority in (target.authority, NATION)
                and _lies(relation, office.region, target.region)
            )


def _lies(relation: str, seat: str, region: str) -> bool:
    match relation:
        case "covers":
            return covers(seat, region)
        case "same":
            return seat == region
        case "below":
            return seat != region and covers(seat, region)
        case _:
            return seat != region and covers(region, seat)


def why_not(grants: Sequence[Grant], principal: Principal, target: Target) -> str:
    """The reason code of the grant that comes nearest to permitting it."""
    return max((_fault(g, principal, target) for g in grants), key=_NEARNESS.__getitem__, default="no-such-action")


def _fault(grant: Grant, principal: Principal, target: Target) -> str:
    if not is_who(grant, principal):
        return _who_fault(grant, principal)
    if not _relates(grant, principal, target):
        return _place_fault(grant, principal, target)
    return "state-not-allowed" if grant.states and target.state not in grant.states else STEP_UP


def _who_fault(grant: Grant, principal: Principal) -> str:
    if grant.who != principal.kind:
        return "officials-only" if grant.who == "official" else "accounts-only"
    if grant.who == "account":
        return "natural-person" if principal.account_kind == "natural" else "not-verified"
    if principal.office is None:
        return "no-appointment"
    return "role-not-allowed" if grant.roles and principal.office.role not in grant.roles else "level-not-allowed"


def _place_fault(grant: Grant, principal: Principal, target: Target) -> str:
    if grant.relation == "own":
        unverified = principal.enterprise is None
        kind = "natural-person" if principal.account_kind == "natural" else "not-verified"
        return kind if unverified else "not-your-enterprise"
    office = principal.office
    elsewhere = (
        office is not None and target.authority is not None and office.authority not in (target.authority, NATION)
    )
    return "other-authority" if elsewhere else "outside-jurisdiction"


def scope(table: Table, principal: Principal, action: str) -> dict[str, Any]:
    """The filter that keeps a list to what `principal` may see; documents hold enterprise, authority, region, covering,
    and status where a row names states."""
    grants = [g for g in table.get(action, ()) if is_who(g, principal) and (not g.step_up or principal.stepped_up)]
    if not grants:
        authorize(table, principal, action, Target())
    filters = [_in_states(grant, _filter(grant, principal)) for grant in grants]
    return {} if {} in filters else {"$or": filters}


def _in_states(grant: Grant, where: dict[str, Any]) -> dict[str, Any]:
    return {**where, "status": {"$in": list(grant.states)}} if grant.states else where


def _filter(grant: Grant, principal: Principal) -> dict[str, Any]:
    office = principal.office
    match grant.relation:
        case "any":
            return {}
        case "own":
            return {"enterprise": principal.enterprise} if principal.enterprise is not None else _NOTHING
        case _ if office is None:
            return _NOTHING
        case "authority":
            return {} if office.authority == NATION else {"authority": office.authority}
        case relation:
            where = _placed(relation, office)
            return where if office.authority == NATION else {"authority": office.authority, **where}


def _placed(relation: str, office: Office) -> dict[str, Any]:
    match relation:
        case "covers":
            return {} if office.region == NATION else {"covering": office.region}
        case "same":
            return {"region": office.region}
        case "below":
            inside: dict[str, Any] = {} if office.region == NATION else {"covering": office.region}
            return {**inside, "region": {"$ne": office.region}}
        case _:
            return {"region": {"$in": [*covering(office.region)[1:], *([NATION] if office.region != NATION else [])]}}
