"""The rules in force: lengths, periods, limits and reasons are policy data, pinned where a decision used them."""

from collections.abc import Mapping
from typing import Any

from libs.events.contracts.base import PolicyPin
from libs.events.decider import Policies

KIND = "account-rules"
REAL_NAME = "real-name"


def account_rules(policies: Policies) -> Mapping[str, Any]:
    """Raises PolicyMissing."""
    return policies.of_authority(KIND, "national").content


def pins(policies: Policies, kind: str = KIND) -> tuple[PolicyPin, ...]:
    """Which text of the national rules was used. Raises PolicyMissing."""
    return (policies.of_authority(kind, "national").pin,)
