"""评分 of one application, every round anew, and the authority's judgements. Stream `score-<enterprise>-<application>`."""

from libs.events.decider import Decider
from services.assessment.domain.scores.commands import COMMANDS
from services.assessment.domain.scores.decide import decide
from services.assessment.domain.scores.state import ScoreState, evolve

decider: Decider[ScoreState] = Decider("score", COMMANDS, ScoreState, evolve, decide)
