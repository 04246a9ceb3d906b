"""What review is made of."""

from pathlib import Path

from libs.events.service import Service
from services.review import api, api_lists, api_titles
from services.review.domain import case, lists, titles
from services.review.projections import PROJECTIONS
from services.review.reactions import REACTIONS
from services.review.settings import Settings

service = Service(
    name="review",
    aggregates=[case.decider, lists.decider, titles.decider],
    settings=Settings,
    projections=PROJECTIONS,
    reactions=REACTIONS,
    routers=[api.router, api_lists.router, api_titles.router],
    policies=Path(__file__).parent / "policy",
    copies={"applications": ["divisions", "zones", "authorities"]},
)
