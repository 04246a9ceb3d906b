"""A filing stream: everything an enterprise hands in of one kind, tier and window; at most one filing is open."""

from libs.events.decider import Decider
from services.applications.domain.filings.commands import COMMANDS
from services.applications.domain.filings.decide import decide
from services.applications.domain.filings.state import FilingState, due, evolve, initial

decider: Decider[FilingState] = Decider("filing", COMMANDS, initial, evolve, decide, due)
