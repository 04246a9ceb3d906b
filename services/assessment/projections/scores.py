"""The latest score of each application, folded by its own rules, with the places that may see it."""

from typing import Any

import msgspec

from libs.events.contracts.actors import covering
from libs.events.contracts.assessment import (
    ApplicationScored,
    JudgementEntered,
    ScoreCorrected,
    ScoreDisputed,
    ScoreDisputeDismissed,
    ScoreTransferred,
    ScoringDeclined,
)
from libs.events.contracts.times import time_text
from libs.events.recorded import Recorded
from services.assessment.domain.scores.state import ScoreState, evolve

NAME, VERSION, SOURCES = "scores", 2, ("assessment",)
HANDLES = (
    ApplicationScored,
    ScoringDeclined,
    JudgementEntered,
    ScoreTransferred,
    ScoreDisputed,
    ScoreCorrected,
    ScoreDisputeDismissed,
)
INDEXES = (("authority", "covering", "-at"), ("enterprise", "-at"))

Document = dict[str, Any]


def key(event: Recorded[Any]) -> str:
    return str(event.data.application)


def apply(document: Document | None, event: Recorded[Any]) -> Document:
    before = msgspec.convert(document["state"], ScoreState) if document else ScoreState()
    after = evolve(before, event.data)
    return view(after) | {
        "application": event.data.application,
        "enterprise": event.data.enterprise,
        "at": time_text(event.data.received_at),
        "version": event.version,
        "state": msgspec.to_builtins(after),
    }


def view(score: ScoreState) -> Document:
    """What a list shows; the explained result is in `state`."""
    scored, waiting = score.scored, score.open_dispute
    return {
        "authority": score.authority,
        "region": score.region,
        "covering": list(covering(score.region)) if score.region else [],
        "round": score.round,
        "status": score.status,
        "pack": scored.pack.id if scored else None,
        "verdict": scored.verdict if scored else None,
        "low": scored.low if scored else None,
        "high": scored.high if scored else None,
        "digital_level": scored.inputs.digital_level if scored else None,
        "reason": score.declined.reason if score.declined else None,
        "dispute": waiting.raised.dispute if waiting else None,
        "answer_by": time_text(waiting.raised.answer_by) if waiting else None,
        "corrections": len(score.corrections),
    }
