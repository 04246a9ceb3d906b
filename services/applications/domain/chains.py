"""Review chains, copied from `review`: here only whether anybody reviews a filing at all."""

from libs.events.contracts.base import PolicyPin
from libs.events.decider import Policies
from services.applications.domain.streams import NONE


def empty_chain(policies: Policies, authority: str, kind: str, tier: str | None) -> PolicyPin | None:
    """The policy that says that nobody reviews such a filing; None: somebody does, or it is not said."""
    for policy in policies.of_kind("chains"):
        if policy.authority != authority:
            continue
        for chain in policy.content["chains"]:
            if chain["kind"] == kind and (chain.get("tier") or NONE) == (tier or NONE) and not chain["steps"]:
                return policy.pin
    return None
