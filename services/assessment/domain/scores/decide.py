"""What a score answers to each command."""

from typing import assert_never

from libs.events.contracts.base import Event
from libs.events.decider import Facts
from services.assessment.domain.scores.commands import (
    CorrectScore,
    DismissDispute,
    DisputeScore,
    EnterJudgement,
    MoveScore,
    ScoreApplication,
    ScoreCommand,
)
from services.assessment.domain.scores.correcting import correct, dismiss
from services.assessment.domain.scores.disputing import dispute
from services.assessment.domain.scores.judging import judge
from services.assessment.domain.scores.scoring import move, score
from services.assessment.domain.scores.state import ScoreState


def decide(command: ScoreCommand, state: ScoreState, facts: Facts) -> list[Event]:
    match command:
        case ScoreApplication():
            return score(command, state, facts)
        case MoveScore():
            return move(command)
        case EnterJudgement():
            return judge(command, state, facts)
        case DisputeScore():
            return dispute(command, state, facts)
        case CorrectScore():
            return correct(command, state, facts)
        case DismissDispute():
            return dismiss(command, state, facts)
        case _:
            assert_never(command)
