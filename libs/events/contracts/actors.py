"""Who acts: regions, offices and actors, in the forms that never change."""

import re
from functools import lru_cache
from typing import Literal

import msgspec

Level = Literal["county", "city", "province", "ministry", "platform"]
ActorKind = Literal["account", "official", "service", "public"]
LEVELS: tuple[Level, ...] = ("county", "city", "province", "ministry", "platform")
REGION = re.compile(r"\d{6}(z\d{2})?")
NATION = "000000"


def covers(region: str, other: str) -> bool:
    """Whether `other` lies in `region`: county in city in province; an overlay zone (`350200z01`) in its city."""
    if region in (other, NATION):
        return True
    if len(region) > 6:
        return False
    return other[:6].startswith(region[:2] if region.endswith("0000") else region[:4] if region.endswith("00") else "-")


def covering(region: str) -> tuple[str, ...]:
    """Every region that covers a county or zone, itself first: county, city, province."""
    city, province = region[:4] + "00", region[:2] + "0000"
    above = (region[:6], province) if len(region) > 6 else (city, province)
    return tuple(dict.fromkeys((region, *above)))


class Office(msgspec.Struct, frozen=True):
    """A seat of authority: (authority, level, region, role); the same four everywhere."""

    authority: str
    level: Level
    region: str
    role: str


class Actor(msgspec.Struct, frozen=True):
    """Who did it; ids only. `represents` is the official stood in for (`for=` on the wire)."""

    kind: ActorKind
    id: str
    office: Office | None = None
    represents: str | None = None

    @property
    def ref(self) -> str:
        return f"{self.kind}:{self.id}"

    def sits_at(self, level: Level, region: str, role: str = "reviewer") -> bool:
        """Whether this actor holds `role` at `level` for exactly `region` (a county, or the parent at higher levels)."""
        office = self.office
        return office is not None and office.level == level and office.role == role and covers(office.region, region)


def actor_text(actor: Actor) -> str:
    """`kind:id[;role=<level>_<role>][;authority=…][;region=…][;for=…]`, the header `ce_actor`."""
    parts = [actor.ref]
    if actor.office is not None:
        parts += [
            f"role={actor.office.level}_{actor.office.role}",
            f"authority={actor.office.authority}",
            f"region={actor.office.region}",
        ]
    if actor.represents is not None:
        parts.append(f"for={actor.represents}")
    return ";".join(parts)


@lru_cache(maxsize=4096)
def parse_actor(text: str) -> Actor:
    """The inverse of `actor_text`; raises ValueError on anything else."""
    head, *rest = text.split(";")
    kind, _, identifier = head.partition(":")
    named = dict(part.split("=", 1) for part in rest)
    office = None
    if "role" in named:
        level, _, role = named["role"].partition("_")
        office = Office(named["authority"], msgspec.convert(level, Level), named["region"], role)
    return Actor(msgspec.convert(kind, ActorKind), identifier, office, named.get("for"))
