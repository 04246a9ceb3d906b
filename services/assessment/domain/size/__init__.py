"""企业规模 (划型): one of the classes of the size standard by all its indicators, explained. Pure."""

from services.assessment.domain.size.classify import Figures, classify
from services.assessment.domain.size.load import load_size
from services.assessment.domain.size.results import SizeResult
from services.assessment.domain.size.standard import SizeStandard

__all__ = ["Figures", "SizeResult", "SizeStandard", "classify", "load_size"]
