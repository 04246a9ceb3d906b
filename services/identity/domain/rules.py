"""The account rules in force: lengths, periods and limits are policy data."""

from collections.abc import Mapping
from typing import Any

from libs.events.decider import Policies

KIND = "account-rules"


def account_rules(policies: Policies) -> Mapping[str, Any]:
    """Raises PolicyMissing."""
    return policies.of_authority(KIND, "national").content
