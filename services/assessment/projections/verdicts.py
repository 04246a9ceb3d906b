"""The verdict of each application in a few words: for statistics, and for whom a corrected pack touches."""

from typing import Any

from libs.events.contracts.actors import covering
from libs.events.contracts.assessment import ApplicationScored, ScoreCorrected, ScoreTransferred, ScoringDeclined
from libs.events.recorded import Recorded

NAME, VERSION, SOURCES = "verdicts", 1, ("assessment",)
HANDLES = (ApplicationScored, ScoringDeclined, ScoreCorrected, ScoreTransferred)
INDEXES = (("authority", "covering", "_id"), ("pack", "sha256", "_id"))

Document = dict[str, Any]
DECLINED = "declined"


def key(event: Recorded[Any]) -> str:
    return str(event.data.application)


def apply(document: Document | None, event: Recorded[Any]) -> Document | None:
    """A transfer that is heard of before any score is in that score; a decline is of the submission that came last."""
    said, before = event.data, document or {}
    match said:
        case ApplicationScored():
            return (
                before
                | _place(said)
                | {
                    "enterprise": said.enterprise,
                    "round": said.round,
                    "submission": said.submission,
                    "pack": said.pack.id,
                    "sha256": said.pack.sha256,
                    "verdict": said.verdict,
                    "corrections": before.get("corrections", 0),
                }
            )
        case ScoringDeclined() if said.round >= before.get("round", 0):
            kept = {"enterprise": said.enterprise, "round": said.round, "submission": said.submission}
            nothing = {"pack": None, "sha256": None, "verdict": DECLINED, "corrections": before.get("corrections", 0)}
            return before | _place(said) | kept | nothing
        case ScoreCorrected():
            return before | {"corrections": before.get("corrections", 0) + 1}
        case ScoreTransferred() if document is not None:
            return before | _place(said)
        case _:
            return document


def _place(said: ApplicationScored | ScoringDeclined | ScoreTransferred) -> Document:
    return {
        "authority": said.authority,
        "region": said.region,
        "covering": list(covering(said.region)) if said.region else [],
    }
