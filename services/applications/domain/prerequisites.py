"""前置条件: codes named by a window, checked against what other services said of the enterprise."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from libs.events.decider import Policies, Policy, PolicyMissing
from services.applications.domain.enterprises.state import EnterpriseState
from services.applications.domain.reference import newest


class Prerequisite(msgspec.Struct, frozen=True):
    """One condition for filing: whether it is met, what is missing, and the way out."""

    code: str
    label: str
    met: bool
    missing: str
    way_out: str
    rule: str


def known_code(code: str, policies: Policies) -> bool:
    return code in _codes(policies)


def asks_for_assessment(codes: tuple[str, ...], policies: Policies) -> bool:
    return any(_codes(policies)[code]["checks"] == "digital" for code in codes)


def required_by_rule(
    policies: Policies, authority: str, kind: str, tier: str | None, pack: Policy | None
) -> tuple[str, ...]:
    """What the authority's rules ask for a kind and tier under a pack, else the national rules; empty when neither
    speaks of it."""
    for issuer in (authority, "national"):
        for policy in policies.of_kind("prerequisites"):
            rules = [r for r in policy.content["rules"] if (r["kind"], r.get("tier")) == (kind, tier)]
            speaking = [rule for rule in rules if _speaks_of(rule["packs"], pack)]
            if policy.authority == issuer and speaking:
                return tuple(speaking[0]["require"])
    return ()


def _speaks_of(packs: Sequence[str], pack: Policy | None) -> bool:
    """A rule that names no pack holds under each; one made by amendments is meant with the pack it is made from."""
    return not packs or (pack is not None and not {pack.id, pack.content.get("base")}.isdisjoint(packs))


def check(
    codes: tuple[str, ...], enterprise: EnterpriseState, authority: str, today: date, policies: Policies
) -> tuple[Prerequisite, ...]:
    """Every prerequisite, met or not, in the window's order."""
    texts, rule = _codes(policies), newest(policies, "prerequisite_codes").title if codes else ""
    return tuple(
        Prerequisite(
            code=code,
            label=texts[code]["label"],
            met=_is_met(texts[code], enterprise, authority, today, policies),
            missing=texts[code]["missing"],
            way_out=texts[code]["way_out"],
            rule=rule,
        )
        for code in codes
    )


def _is_met(
    text: Mapping[str, Any], enterprise: EnterpriseState, authority: str, today: date, policies: Policies
) -> bool:
    match text["checks"]:
        case "title":
            return not {*text.get("tiers", ()), text.get("tier")}.isdisjoint(enterprise.titles_on(today))
        case "pool":
            return (authority, today.year) in enterprise.pool
        case "digital":
            return enterprise.digital is not None
        case "update":
            return not _update_is_due(enterprise, today, policies)
        case _:
            return False


def _update_is_due(enterprise: EnterpriseState, today: date, policies: Policies) -> bool:
    """信息更新 comes before other filings, but not in the year of certification; nothing is due without a calendar."""
    if not policies.of_kind("update_calendar"):
        return False
    older = [tier for tier in enterprise.titles_on(today) if enterprise.titles[tier].valid_from.year < today.year]
    return bool(older) and today.year not in enterprise.updates


def _codes(policies: Policies) -> Mapping[str, Mapping[str, Any]]:
    try:
        codes = newest(policies, "prerequisite_codes").content["codes"]
    except PolicyMissing:
        return {}
    return {entry["code"]: entry for entry in codes}
