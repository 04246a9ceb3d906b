"""Read models of assessment."""

from libs.events.flow.projections import projection
from services.assessment.projections import digital_levels, scores, verdicts

PROJECTIONS = [projection(scores), projection(digital_levels), projection(verdicts)]
