"""What is known of a filing."""

from collections.abc import Mapping

import msgspec

from libs.events.contracts.base import Event
from libs.events.contracts.notifications import MatterNoted


class MatterState(msgspec.Struct, frozen=True):
    """`region_names` by region, those before a transfer too."""

    enterprise_name: str = ""
    kind: str = ""
    tier: str | None = None
    batch: str = ""
    authority: str = ""
    region: str = ""
    region_names: Mapping[str, tuple[str, ...]] = {}
    duties: tuple[str, ...] = ()

    def name_of(self, region: str) -> str:
        """The region's full name, else its code."""
        return "".join(self.region_names.get(region, ())) or region


def initial() -> MatterState:
    return MatterState()


def evolve(state: MatterState, event: Event) -> MatterState:
    match event:
        case MatterNoted():
            return MatterState(
                enterprise_name=event.enterprise_name,
                kind=event.kind,
                tier=event.tier,
                batch=event.batch,
                authority=event.authority,
                region=event.region,
                region_names={**state.region_names, event.region: event.region_names},
                duties=event.duties,
            )
        case _:
            return state
