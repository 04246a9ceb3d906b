"""A window (申报时间): when an authority takes filings of one kind, from which regions, on which form."""

from libs.events.decider import Decider
from services.applications.domain.windows.commands import COMMANDS
from services.applications.domain.windows.decide import decide
from services.applications.domain.windows.state import WindowState, due, evolve, initial

decider: Decider[WindowState] = Decider("window", COMMANDS, initial, evolve, decide, due)
