"""The answers of one portion of a list, counted beside the list: a long list's own stream stays short.

Stream `tally-<authority>-<region>-<batch>-<notice|announcement>-<place of the portion>`.
"""

from libs.events.decider import Decider
from services.review.domain.tallies.commands import COMMANDS
from services.review.domain.tallies.decide import decide
from services.review.domain.tallies.state import TallyState, evolve

decider: Decider[TallyState] = Decider("tally", COMMANDS, TallyState, evolve, decide)
