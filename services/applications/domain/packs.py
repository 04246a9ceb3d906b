"""Rule packs (评分标准) and 适用标准, copied from `assessment`: a window pins the text that its filings are scored with."""

from datetime import datetime

import msgspec

from libs.events.contracts.base import PolicyPin
from libs.events.contracts.bindings import NATIONAL, PackBinding, bound_pack, deviates
from libs.events.contracts.times import business_date
from libs.events.decider import Policies, Policy
from libs.events.errors import Refused

BINDINGS = "bindings"


class UnknownPack(Refused):
    code = "applications.unknown-pack"
    title = "没有现行的这一评分标准"
    status = 422


class BindingsUnknown(Refused):
    """No table has come yet: whether a pack is bound cannot be said."""

    code = "applications.bindings-unknown"
    title = "适用标准尚未同步"


class PackNotBound(Refused):
    """Another pack than the rules bind, and no reason."""

    code = "applications.pack-not-bound"
    title = "所选评分标准不是规定适用的标准"
    status = 422


class Opening(msgspec.Struct, frozen=True):
    """A window as far as its pack follows from it; `scored`: its form names packs, so a filing on it may be scored."""

    authority: str
    kind: str
    tier: str | None
    opens: datetime
    scored: bool = False


class Choice(msgspec.Struct, frozen=True):
    """The pack of a window, and what the rules bind; `policy` None: its filings are not scored."""

    policy: Policy | None
    bound: PackBinding | None

    @property
    def pin(self) -> PolicyPin | None:
        return None if self.policy is None else self.policy.pin

    @property
    def deviates(self) -> bool:
        return deviates(self.pin, self.bound)


def chosen(policies: Policies, opening: Opening, named: str | None) -> Choice:
    """The pack named, else the bound one, else none; in force on the day on which the window opens.

    Raises UnknownPack, and BindingsUnknown where none is named and the tables have not come.
    """
    tables = policies.of_kind(BINDINGS)
    if named is None and not tables and opening.scored:
        raise BindingsUnknown(way_out="请稍后再试，或写明评分标准")
    day = business_date(opening.opens)
    bound = bound_pack(tables, opening.authority, opening.tier, opening.kind, day)
    id = named or (bound.pack if bound else None)
    return Choice(None if id is None else _in_force(policies, id), bound)


def refuse_silent_deviation(choice: Choice, reason: str) -> None:
    """How an authority deviates: with a reason, which the event keeps. Raises PackNotBound."""
    bound, policy = choice.bound, choice.policy
    if choice.deviates and not reason.strip():
        assert bound is not None and policy is not None
        raise PackNotBound(
            f"按规定适用 {bound.pack}，所选为 {policy.id}",
            rule=bound.basis,
            way_out=f"请改用 {bound.pack}（不填即可）；确需另用标准的，请写明依据",
            bound=bound.pack,
            given=policy.id,
        )


def pack_fault(choice: Choice, opening: Opening) -> str | None:
    """What is wrong with a pack for such a window."""
    if choice.policy is None:
        return None
    content, id = choice.policy.content, choice.policy.id
    if content["tier"] != opening.tier or opening.kind not in content["kinds"]:
        return f"标准 {id} 不用于这类申报"
    if choice.policy.authority not in (NATIONAL, opening.authority):
        return f"标准 {id} 属于其他认定机关"
    return None


def _in_force(policies: Policies, id: str) -> Policy:
    packs = {policy.id: policy for policy in policies.of_kind("pack")}
    if id not in packs:
        known = "、".join(packs) or "无"
        raise UnknownPack(f"没有现行的评分标准 {id}", way_out=f"现行的评分标准：{known}；刚发布的稍后即可选用")
    return packs[id]
