"""A case (案卷): one filing on its way through the review chain. Stream `case-<enterprise>-<application>`."""

from libs.events.decider import Decider
from services.review.domain.case.commands import COMMANDS
from services.review.domain.case.decide import decide
from services.review.domain.case.state import CaseState, evolve

decider: Decider[CaseState] = Decider("case", COMMANDS, CaseState, evolve, decide)
