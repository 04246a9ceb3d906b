"""The hand-overs of one office that may still have open cases to pass on: who follows whom.

Stream `succession-<authority>-<level>-<region>-<role>`.
"""

from libs.events.decider import Decider
from services.review.domain.successions.commands import COMMANDS
from services.review.domain.successions.decide import decide
from services.review.domain.successions.state import SuccessionState, evolve

decider: Decider[SuccessionState] = Decider("succession", COMMANDS, SuccessionState, evolve, decide)
