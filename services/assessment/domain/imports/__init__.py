"""Scores of other platforms (发展评价 …), taken over with their proof. Stream `imported-<enterprise>`."""

from libs.events.decider import Decider
from services.assessment.domain.imports.commands import COMMANDS
from services.assessment.domain.imports.decide import decide
from services.assessment.domain.imports.state import ImportsState, evolve

decider: Decider[ImportsState] = Decider("imported", COMMANDS, ImportsState, evolve, decide)
