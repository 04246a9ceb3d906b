"""有效期: how long a tier's title stands, when it warns, and what follows its end, by policy."""

from datetime import date, timedelta
from typing import Literal

import msgspec

from libs.events.contracts.base import PolicyPin
from libs.events.contracts.review import ReReview
from libs.events.decider import Policies
from services.review.domain.titles.refusals import TierUnknown

Certifier = Literal["authority", "ministry"]


class TierRule(msgspec.Struct, frozen=True):
    years: int
    notice_days: tuple[int, ...]
    re_review: ReReview
    certified_by: Certifier
    cancelled_by: Certifier
    pin: PolicyPin


def rule_of(policies: Policies, authority: str, tier: str) -> TierRule:
    """Raises PolicyMissing, TierUnknown."""
    policy = policies.of_authority("titles", authority)
    entry = next((e for e in policy.content["tiers"] if e["tier"] == tier), None)
    if entry is None:
        raise TierUnknown(f"{policy.title}没有规定 {tier}")
    return TierRule(
        years=entry["years"],
        notice_days=tuple(policy.content["expiring_notice_days"]),
        re_review=entry["re_review"],
        certified_by=entry["certified_by"],
        cancelled_by=entry["cancelled_by"],
        pin=policy.pin,
    )


def last_day(valid_from: date, years: int) -> date:
    """The day before the anniversary: 2024-07-01 and 3 years end on 2027-06-30, both counted."""
    try:
        anniversary = valid_from.replace(year=valid_from.year + years)
    except ValueError:  # 29 February
        anniversary = date(valid_from.year + years, 3, 1)
    return anniversary - timedelta(days=1)
