"""审核链条: a route is the ordered steps of an authority's chain policy; a stage is one thing a step does."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from libs.events.contracts.actors import Level
from libs.events.contracts.base import PolicyPin
from libs.events.contracts.review import Duty, Publicity, Step
from libs.events.decider import Policies, Policy
from libs.events.errors import Refused

STAGES: tuple[Duty, ...] = ("review", "publicity", "announce", "record")
"""What a case waits for, in the order within a step; `site_check` belongs to the review it precedes."""


class NoChain(Refused):
    code = "review.no-chain"
    title = "该类申报没有审核链条"


class ChainUnsound(Refused):
    code = "review.chain-unsound"
    title = "审核链条的环节顺序有误"


class Stage(msgspec.Struct, frozen=True):
    level: Level
    duty: Duty


class Chain(msgspec.Struct, frozen=True):
    route: tuple[Step, ...]
    resubmission: Literal["returning_level", "first_level"]
    correction_days: int | None
    pin: PolicyPin


def stages_of(route: tuple[Step, ...]) -> tuple[Stage, ...]:
    """The route as the stages a case passes one after another; a step without `review` has none of it."""
    return tuple(Stage(step.level, duty) for step in route for duty in STAGES if duty in step.duties)


def chain_of(policies: Policies, authority: str, kind: str, tier: str | None) -> Chain:
    """The chain in force for (authority, kind, tier). Raises NoChain, ChainUnsound."""
    found = [p for p in policies.of_kind("chains") if p.authority in (authority, "national")]
    for policy in sorted(found, key=lambda p: p.authority != authority):
        chain = _chain_in(policy, kind, tier)
        if chain is not None:
            return chain
    raise NoChain(f"{authority} 没有 {kind}/{tier or '无层级'} 的审核链条")


def pinned_chain(policies: Policies, pin: PolicyPin, kind: str, tier: str | None) -> Chain:
    """The chain of the very text that was used, whether or not it is in force. Raises PolicyMissing, NoChain."""
    chain = _chain_in(policies.pinned(pin), kind, tier)
    if chain is None:
        raise NoChain(f"{pin.id} 没有 {kind}/{tier or '无层级'} 的审核链条")
    return chain


def publicity_of(chain: Chain, level: Level) -> Publicity | None:
    return next((step.publicity for step in chain.route if step.level == level and "publicity" in step.duties), None)


def _chain_in(policy: Policy, kind: str, tier: str | None) -> Chain | None:
    entries = (one for one in policy.content["chains"] if one["kind"] == kind and _tier(one) == tier)
    return next((_sound(_chain(entry, policy.pin)) for entry in entries), None)


def _chain(entry: Mapping[str, Any], pin: PolicyPin) -> Chain:
    days = entry.get("correction_days")
    return Chain(
        route=tuple(msgspec.convert(step, Step) for step in entry["steps"]),
        resubmission=entry.get("resubmission", "returning_level"),
        correction_days=None if days in (None, "none") else int(days),
        pin=pin,
    )


def _tier(entry: Mapping[str, Any]) -> str | None:
    tier = entry.get("tier")
    return None if tier in (None, "none") else str(tier)


def _sound(chain: Chain) -> Chain:
    """Something to do; announced at most once, with nothing but 备案 after it; a notice leads to an announcement."""
    duties = [stage.duty for stage in stages_of(chain.route)]
    if not duties:
        raise NoChain("审核链条为空，无需审核")
    after = duties[duties.index("announce") + 1 :] if "announce" in duties else []
    if any(duty != "record" for duty in after) or ("publicity" in duties and "announce" not in duties):
        raise ChainUnsound()
    if any("publicity" in step.duties and step.publicity is None for step in chain.route):
        raise ChainUnsound("公示环节没有规定期限")
    return chain
