"""Which offices there can be: level, shape of the region and role fit each other; the table is policy data."""

import re
from collections.abc import Mapping
from typing import Any

from libs.events.contracts.actors import NATION, Office, covers
from libs.events.decider import Policies

KIND = "offices"


def problem(office: Office, policies: Policies) -> str:
    """What is wrong with an office, in words; empty when nothing is. Raises PolicyMissing."""
    levels: Mapping[str, Any] = policies.of_authority(KIND, "national").content["levels"]
    level = levels[office.level]
    if office.role not in level["roles"]:
        return f"{level['name']}没有角色 {office.role}"
    if re.fullmatch(level["region"], office.region) is None:
        return f"{office.region} 不是{level['name']}的区划代码"
    if re.fullmatch(level["authority"], office.authority) is None:
        return f"{office.authority} 不是{level['name']}所属的认定机关"
    if office.authority.isdigit() and not _lies_in(office.region, office.authority):
        return f"{office.region} 不在 {office.authority} 辖区内"
    return ""


def rules(policies: Policies) -> Mapping[str, Any]:
    """Raises PolicyMissing."""
    return policies.of_authority(KIND, "national").content


def is_separated(office: Office, policies: Policies) -> bool:
    """三员: system, security and audit administrator, strictly apart from each other and from everything else."""
    return office.level == "platform" and office.role in rules(policies)["separated"]


def reviewer_of(role: str, policies: Policies) -> str:
    """The role that reviews the acts of one of the three; empty for any other."""
    return str(rules(policies)["separated"].get(role, {}).get("reviewed_by", ""))


def _lies_in(region: str, authority: str) -> bool:
    return authority == NATION or covers(authority, region) or region == authority
