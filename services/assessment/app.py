"""What assessment is made of."""

from pathlib import Path

from libs.events.service import Service
from services.assessment import api
from services.assessment.authoring.library import checked
from services.assessment.domain import digital, imports, scores
from services.assessment.projections import PROJECTIONS
from services.assessment.reactions import REACTIONS
from services.assessment.settings import Settings

service = Service(
    name="assessment",
    gathers=0.1,
    aggregates=[digital.decider, imports.decider, scores.decider],
    settings=Settings,
    projections=PROJECTIONS,
    reactions=REACTIONS,
    routers=[api.router],
    policies=checked(Path(__file__).parent / "policy"),
    copies={"review": ["calendar"]},
)
