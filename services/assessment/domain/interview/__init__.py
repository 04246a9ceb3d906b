"""自测 by the fewest questions: which tiers remain possible, what excludes the others, and what is best asked next. Pure."""

from services.assessment.domain.interview.course import Course, Standing, course
from services.assessment.domain.interview.packs import BoundTier, bound_tiers

__all__ = ["BoundTier", "Course", "Standing", "bound_tiers", "course"]
