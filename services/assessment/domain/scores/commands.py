"""What may be asked about an application's score."""

from collections.abc import Mapping
from typing import Any

from libs.events.contracts.base import PolicyPin
from libs.events.decider import Command
from libs.events.names import stream_name


def score_stream(enterprise: str, application: str) -> str:
    return stream_name("score", enterprise, application)


class OnScore(Command, frozen=True):
    enterprise: str
    application: str

    @property
    def stream(self) -> str:
        return score_stream(self.enterprise, self.application)


class ScoreApplication(OnScore, frozen=True):
    """A submission came (event id `submission`): its open answers, its pinned digital level, the pack it is bound to."""

    begins = True

    authority: str
    region: str
    round: int
    submission: str
    pack: PolicyPin | None
    answers: Mapping[str, Any]
    digital_level: int | None


class MoveScore(OnScore, frozen=True):
    """The case was transferred to another jurisdiction."""

    authority: str
    region: str
    cause: str


class EnterJudgement(OnScore, frozen=True):
    """录入 what the law leaves to the authority: points of an indicator, or for a condition 1 (met) or 0 (not met)."""

    indicator: str
    points: str
    reason: str


class DisputeScore(OnScore, frozen=True):
    """提出异议 to what was found in these indicators or conditions (ids of the pack)."""

    indicators: tuple[str, ...]
    reason: str


class CorrectScore(OnScore, frozen=True):
    """更正: figures as the authority found them (None: not given), and the score anew; `current_text`: under the text
    of the pack that is in force now. `dispute`: the one that it answers, empty where the authority acts by itself."""

    dispute: str
    answers: Mapping[str, Any]
    current_text: bool
    reason: str


class DismissDispute(OnScore, frozen=True):
    """异议不成立: the score stands."""

    dispute: str
    reason: str


ScoreCommand = ScoreApplication | MoveScore | EnterJudgement | DisputeScore | CorrectScore | DismissDispute
COMMANDS: tuple[type[Command], ...] = ScoreCommand.__args__
