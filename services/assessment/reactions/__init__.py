"""Automations, each named after what it does."""

from libs.events.flow.reactions import reaction
from services.assessment.reactions import when_application_submitted_then_score, when_case_transferred_then_move_score

REACTIONS = [
    reaction(module) for module in (when_application_submitted_then_score, when_case_transferred_then_move_score)
]
