"""What may be asked about an enterprise's digital level."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from libs.events.contracts.assessment import ImportedEvidence
from libs.events.decider import Command
from libs.events.names import stream_name


def digital_stream(enterprise: str) -> str:
    return stream_name("digital", enterprise)


class OnDigital(Command, frozen=True):
    enterprise: str

    @property
    def stream(self) -> str:
        return digital_stream(self.enterprise)


class AssessDigitalLevel(OnDigital, frozen=True):
    """数字化水平评测: the questionnaire follows from the industry (GB/T 4754); it may be retaken at any time."""

    industry: str
    answers: Mapping[str, Any]


class ImportDigitalLevel(OnDigital, frozen=True):
    """导入 a result of the official platform, with its proof. `score` is a decimal text."""

    level: int
    score: str
    issued_by: str
    issued_on: date
    evidence: ImportedEvidence


DigitalCommand = AssessDigitalLevel | ImportDigitalLevel
COMMANDS: tuple[type[Command], ...] = DigitalCommand.__args__
