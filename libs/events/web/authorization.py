"""The one authorization function, over one table in data: action × who × relation of jurisdictions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from libs.events.contracts.actors import NATION, covers
from libs.events.web.principals import NotSignedIn, Principal


class Grant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row: who may, in which relation to the target. Empty `roles`/`levels` mean any."""

    who: Literal["anyone", "account", "official"]
    relation: Literal["own", "covers", "authority", "any"] = "any"
    roles: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    kind: str | None = None
    verified: bool = False
    hide: bool = False


class Target(msgspec.Struct, frozen=True):
    """What is acted upon: whose it is and where it lies."""

    enterprise: str | None = None
    authority: str | None = None
    region: str | None = None


class NotPermitted(Exception):
    """`hidden`: whether even the target's existence is to be kept secret (404, not 403)."""

    def __init__(self, action: str, reason: str, hidden: bool = False) -> None:
        super().__init__(f"{action}: {reason}")
        self.action, self.reason, self.hidden = action, reason, hidden


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
    raise NotPermitted(action, _why(grants, principal, target), any(grant.hide for grant in grants))


def _permits(grant: Grant, principal: Principal, target: Target) -> bool:
    return _is_who(grant, principal) and _relates(grant, principal, target)


def _is_who(grant: Grant, principal: Principal) -> bool:
    if grant.who == "anyone":
        return True
    if grant.who != principal.kind:
        return False
    if grant.who == "account":
        return (grant.kind is None or grant.kind == principal.account_kind) and (
            not grant.verified or principal.enterprise is not None
        )
    office = principal.office
    return (
        office is not None
        and (not grant.roles or office.role in grant.roles)
        and (not grant.levels or office.level in grant.levels)
    )


def _relates(grant: Grant, principal: Principal, target: Target) -> bool:
    office = principal.office
    match grant.relation:
        case "any":
            return True
        case "own":
            return target.enterprise is not None and target.enterprise == principal.enterprise
        case "authority":
            return office is not None and office.authority in (target.authority, NATION)
        case "covers":
            return (
                office is not None
                and target.region is not None
                and office.authority in (target.authority, NATION)
                and covers(office.region, target.region)
            )


def _why(grants: Sequence[Grant], principal: Principal, target: Target) -> str:
    if any(_is_who(grant, principal) for grant in grants):
        return "不在您的管辖范围内" if principal.kind == "official" else "不属于您的企业"
    if principal.kind == "account" and principal.enterprise is None and any(g.verified for g in grants):
        return "请先完成法人实名认证"
    if principal.kind == "official" and principal.office is None:
        return "请先选择任职"
    return "您的角色不能进行此操作"


def scope(table: Table, principal: Principal, action: str) -> dict[str, Any]:
    """The filter that keeps a list to what `principal` may see; documents hold enterprise, authority, covering."""
    grants = [grant for grant in table.get(action, ()) if _is_who(grant, principal)]
    if not grants:
        authorize(table, principal, action, Target())
    filters = [_filter(grant, principal) for grant in grants]
    return {} if {} in filters else {"$or": filters}


def _filter(grant: Grant, principal: Principal) -> dict[str, Any]:
    office = principal.office
    match grant.relation:
        case "any":
            return {}
        case "own":
            return {"enterprise": principal.enterprise} if principal.enterprise is not None else _NOTHING
        case "authority" | "covers" if office is None:
            return _NOTHING
        case "authority" | "covers" if office.authority == NATION:
            return {}
        case "authority":
            return {"authority": office.authority}
        case "covers":
            return {"authority": office.authority, "covering": office.region}
