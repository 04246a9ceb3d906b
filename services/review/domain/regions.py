"""注册地: names of a county or zone and the authority it belongs to, from the reference tables of `applications`."""

from collections.abc import Mapping, Sequence

from libs.events.contracts.actors import covering
from libs.events.decider import Policies, PolicyMissing
from libs.events.errors import Refused


class RegionUnknown(Refused):
    code = "review.region-unknown"
    title = "区划代码不存在，或不是县级区划、功能区"
    status = 422


def region_names(policies: Policies, region: str) -> tuple[str, ...]:
    """省, 市, 县 (or the zone) of a jurisdiction. Raises RegionUnknown, PolicyMissing."""
    if not policies.of_kind("divisions"):
        raise PolicyMissing("divisions")
    own = _zone(policies, region).get("name") or _division(policies, region, "county")
    if own is None:
        raise RegionUnknown(f"{region} 不是县级区划或功能区")
    above = (_division(policies, region[:2] + "0000", "province"), _division(policies, region[:4] + "00", "city"))
    return (*(name for name in above if name), own)


def authority_of(policies: Policies, region: str) -> str:
    """可申报省市 of a jurisdiction: 计划单列市 before the province around it."""
    declared = _zone(policies, region).get("authority")
    if declared:
        return declared
    known = {str(row["code"]) for table in policies.of_kind("authorities") for row in table.content["authorities"]}
    return next((code for code in covering(region) if code in known), region[:2] + "0000")


def _division(policies: Policies, code: str, level: str) -> str | None:
    for table in policies.of_kind("divisions"):
        for row in table.rows:
            if row["code"] == code and row["level"] == level:
                return row["name"]
    return None


def _zone(policies: Policies, code: str) -> Mapping[str, str]:
    zones: Sequence[Mapping[str, str]] = [z for table in policies.of_kind("zones") for z in table.content["zones"]]
    return next((zone for zone in zones if zone["code"] == code), {})
