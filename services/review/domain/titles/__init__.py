"""A title (称号) of an enterprise at one tier. Stream `title-<enterprise>-<tier>`."""

from libs.events.decider import Decider
from services.review.domain.titles.commands import COMMANDS
from services.review.domain.titles.decide import decide
from services.review.domain.titles.due import due
from services.review.domain.titles.state import TitleState, evolve

decider: Decider[TitleState] = Decider("title", COMMANDS, TitleState, evolve, decide, due)
