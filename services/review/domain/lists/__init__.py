"""A list (名单) for public notice or announcement. Stream `list-<authority>-<region>-<batch>-<notice|announcement>`."""

from libs.events.decider import Decider
from services.review.domain.lists.commands import COMMANDS
from services.review.domain.lists.decide import decide
from services.review.domain.lists.due import due
from services.review.domain.lists.state import ListState, evolve

decider: Decider[ListState] = Decider("list", COMMANDS, ListState, evolve, decide, due)
