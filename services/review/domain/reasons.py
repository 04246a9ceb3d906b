"""退回与不通过的原因: coded reasons of the authority's policy; a code says what it unlocks."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from libs.events.contracts.base import PolicyPin
from libs.events.contracts.review import Reason
from libs.events.decider import Policies
from libs.events.errors import Refused, refuse_unless


class ReasonsMissing(Refused):
    code = "review.reasons-missing"
    title = "至少需要一条原因"
    status = 422


class ReasonUnknown(Refused):
    code = "review.reason-unknown"
    title = "原因代码不存在，或不用于此操作"
    status = 422


class Reasons(msgspec.Struct, frozen=True):
    """Reasons with their words filled in, what they unlock, and the policy they were looked up in."""

    reasons: tuple[Reason, ...]
    fields: tuple[str, ...]
    region: bool
    pin: PolicyPin


def look_up(
    policies: Policies, authority: str, given: Sequence[Reason], purpose: Literal["return", "reject"]
) -> Reasons:
    """Raises ReasonsMissing, ReasonUnknown."""
    refuse_unless(given, ReasonsMissing())
    policy = policies.of_authority("reasons", authority)
    coded: dict[str, Mapping[str, Any]] = {
        entry["code"]: entry for entry in policy.content["reasons"] if purpose in entry["for"]
    }
    for reason in given:
        refuse_unless(reason.code in coded, ReasonUnknown(f"原因代码 {reason.code} 不存在，或不用于此操作"))
    return Reasons(
        reasons=tuple(_worded(reason, coded[reason.code]) for reason in given),
        fields=tuple(dict.fromkeys(r.field for r in given if r.field and coded[r.code]["unlocks"] != "none")),
        region=any(coded[r.code]["unlocks"] == "region" for r in given),
        pin=policy.pin,
    )


def _worded(reason: Reason, entry: Mapping[str, Any]) -> Reason:
    return reason if reason.text.strip() else msgspec.structs.replace(reason, text=entry["text"])
