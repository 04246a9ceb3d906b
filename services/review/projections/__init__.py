"""Read models of review."""

from libs.events.flow.projections import projection
from services.review.projections import case_timeline, lists, officer_queue, public_register, submissions

PROJECTIONS = [projection(module) for module in (officer_queue, case_timeline, submissions, lists, public_register)]
