"""What may be asked about scores of other platforms."""

from datetime import date

from libs.events.contracts.assessment import ImportedEvidence
from libs.events.decider import Command
from libs.events.names import stream_name


def imports_stream(enterprise: str) -> str:
    return stream_name("imported", enterprise)


class ImportScore(Command, frozen=True):
    """导入 what another platform has found for a year, with its proof. `score` is a decimal text."""

    enterprise: str
    scheme: str
    year: int
    score: str
    issued_by: str
    issued_on: date
    evidence: ImportedEvidence

    @property
    def stream(self) -> str:
        return imports_stream(self.enterprise)


COMMANDS: tuple[type[Command], ...] = (ImportScore,)
