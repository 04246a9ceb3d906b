"""数字化水平 of an enterprise: assessed here or imported with its proof, the latest counts. Stream `digital-<enterprise>`."""

from libs.events.decider import Decider
from services.assessment.domain.digital.commands import COMMANDS
from services.assessment.domain.digital.decide import decide
from services.assessment.domain.digital.state import DigitalState, evolve

decider: Decider[DigitalState] = Decider("digital", COMMANDS, DigitalState, evolve, decide)
