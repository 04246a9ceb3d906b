"""证件 at the edge: what the automatic check says of a number before it is sealed."""

from datetime import date
from typing import Any

from libs.events.decider import Policies
from services.identity.domain.accounts import idnumber
from services.identity.domain.rules import REAL_NAME


def normalise(number: str) -> str:
    return idnumber.normalise(number)


def problems(document_type: str, number: str, policies: Policies, today: date) -> tuple[str, ...]:
    """What the automatic check says of a document; only the rules' own number can be checked."""
    rules: Any = policies.of_authority(REAL_NAME, "national").content
    document = rules["documents"].get(document_type)
    if document is None:
        return ("document.unknown",)
    if document["check"] != "gb11643":
        return ("document.manual-check",)
    return idnumber.problems(idnumber.normalise(number), today)
