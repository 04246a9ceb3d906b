"""数字化水平评测, or a result imported: the latest counts."""

from libs.events.contracts.applications import DigitalResult
from libs.events.contracts.assessment import DigitalLevelAssessed, DigitalLevelImported
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.applications.domain.enterprises.commands import NoteDigitalLevel

SOURCE, HANDLES, START = "assessment", (DigitalLevelAssessed, DigitalLevelImported), "origin"


def react(event: Recorded[DigitalLevelAssessed] | Recorded[DigitalLevelImported]) -> list[Command]:
    said = event.data
    result = DigitalResult(said.assessment, said.level, said.score, event.id)
    return [NoteDigitalLevel(**because(event), enterprise=said.enterprise, result=result)]
