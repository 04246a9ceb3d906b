"""An enterprise as `applications` knows it: its profile, and what other services said of it."""

from libs.events.decider import Decider
from services.applications.domain.enterprises.commands import COMMANDS
from services.applications.domain.enterprises.decide import decide
from services.applications.domain.enterprises.state import EnterpriseState, evolve, initial

decider: Decider[EnterpriseState] = Decider("enterprise", COMMANDS, initial, evolve, decide)
