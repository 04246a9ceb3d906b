"""Which seat an act asks for: (authority, level, region, role)."""

from libs.events.contracts.actors import NATION, Actor, Level

REVIEWER = "reviewer"
LEVEL_NAMES: dict[Level, str] = {
    "county": "县级",
    "city": "市级",
    "province": "省级",
    "ministry": "工业和信息化部",
    "platform": "平台",
}


def sits(actor: Actor, authority: str, level: Level, region: str, role: str = REVIEWER) -> bool:
    """Whether the actor holds `role` at `level`, in an office of this authority that covers `region`.

    Geography alone is not enough: 厦门 lies in 福建 and is an authority of its own (计划单列市). The nation's offices
    serve every authority.
    """
    office = actor.office
    return office is not None and office.authority in (authority, NATION) and actor.sits_at(level, region, role)


def persons(actor: Actor) -> frozenset[str]:
    """The officers behind an act: the one who acts and the one represented."""
    return frozenset(person for person in (actor.id, actor.represents) if person)
