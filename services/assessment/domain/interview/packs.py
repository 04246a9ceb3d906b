"""Which packs a self-test is about: those that a window would run on that opens today."""

from collections.abc import Sequence
from datetime import date

import msgspec

from libs.events.contracts.base import PolicyPin
from libs.events.contracts.bindings import NATIONAL, PackBinding, bound_pack
from libs.events.decider import Policies
from services.assessment.domain.policies import PACK, found, pack_from
from services.assessment.domain.rules import Pack

BINDINGS = "bindings"


class BoundTier(msgspec.Struct, frozen=True):
    tier: str
    pack: Pack
    pin: PolicyPin
    binding: PackBinding


def bound_tiers(
    policies: Policies, authority: str, kind: str, tiers: Sequence[str], today: date
) -> tuple[BoundTier, ...]:
    """In the tables' order; of `tiers` alone, where some are named. A tier without rules today is not there."""
    tables = [table for table in policies.of_kind(BINDINGS) if table.authority in (authority, NATIONAL)]
    national_first = sorted(tables, key=lambda table: table.authority != NATIONAL)
    known = dict.fromkeys(row["tier"] for table in national_first for row in table.content["bindings"])
    bound = []
    for tier in known:
        binding = bound_pack(tables, authority, tier, kind, today) if not tiers or tier in tiers else None
        policy = found(policies, PACK, binding.pack) if binding else None
        if binding is not None and policy is not None:
            bound.append(BoundTier(tier, pack_from(policy), policy.pin, binding))
    return tuple(bound)
