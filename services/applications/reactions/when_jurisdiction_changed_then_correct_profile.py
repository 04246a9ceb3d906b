"""注册地变更 of a filing → the profile follows, so that the next filing reaches the right reviewer."""

from libs.events.contracts.applications import JurisdictionChanged
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.applications.domain.enterprises.commands import CorrectRegion

SOURCE, HANDLES, START = "applications", (JurisdictionChanged,), "origin"


def react(event: Recorded[JurisdictionChanged]) -> list[Command]:
    said = event.data
    return [
        CorrectRegion(
            **because(event),
            enterprise=said.enterprise,
            region=said.region,
            region_names=said.region_names,
            reason="申报中更正了企业注册地" if said.cause is None else "主管部门移送了申报",
        )
    ]
