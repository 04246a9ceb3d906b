"""Rules as data: packs and questionnaires, evaluated exactly and explained in full. Pure."""

from services.assessment.domain.rules.digital import assess_digital
from services.assessment.domain.rules.evaluate import evaluate
from services.assessment.domain.rules.faults import PolicyFault
from services.assessment.domain.rules.form_map import DigitalFormMap, digital_form_for
from services.assessment.domain.rules.load import (
    load_form_map,
    load_pack,
    load_questionnaire,
)
from services.assessment.domain.rules.pack import Pack
from services.assessment.domain.rules.questionnaire import Questionnaire
from services.assessment.domain.rules.results import DigitalResult, ScoreResult

__all__ = [
    "DigitalFormMap",
    "DigitalResult",
    "Pack",
    "PolicyFault",
    "Questionnaire",
    "ScoreResult",
    "assess_digital",
    "digital_form_for",
    "evaluate",
    "load_form_map",
    "load_pack",
    "load_questionnaire",
]
