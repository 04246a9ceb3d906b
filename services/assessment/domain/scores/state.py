"""Where an application's score stands, folded from its events."""

from datetime import datetime
from typing import Literal

import msgspec

from libs.events.contracts.assessment import (
    ApplicationScored,
    JudgementEntered,
    ScoreCorrected,
    ScoreDisputed,
    ScoreDisputeDismissed,
    ScoreTransferred,
    ScoringDeclined,
)
from libs.events.contracts.base import Event

Status = Literal["none", "scored", "declined"]
Answer = Literal["open", "corrected", "dismissed", "superseded"]


class Dispute(msgspec.Struct, frozen=True):
    """异议 and its answer. `of`: when the disputed score was given; `superseded`: a later submission was scored first."""

    raised: ScoreDisputed
    of: datetime
    answer: Answer = "open"
    answered_at: datetime | None = None
    reason: str = ""


class ScoreState(msgspec.Struct, frozen=True):
    """Of the latest submission: its score or why there is none, the judgements entered, and where it lies now."""

    authority: str = ""
    region: str = ""
    moved_at: datetime | None = None
    round: int = 0
    submission: str = ""
    scored: ApplicationScored | None = None
    declined: ScoringDeclined | None = None
    judgements: tuple[JudgementEntered, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    corrections: tuple[ScoreCorrected, ...] = ()

    @property
    def open_dispute(self) -> Dispute | None:
        return next((one for one in self.disputes if one.answer == "open"), None)

    @property
    def status(self) -> Status:
        return "scored" if self.scored else "declined" if self.declined else "none"

    def follows(self, round: int, submission: str) -> bool:
        """Whether a submission is newer than all that were answered."""
        return round >= self.round and submission != self.submission

    def place_of(self, authority: str, region: str, received_at: datetime) -> tuple[str, str]:
        """Where something received then lies: a transfer since has moved it, also when it was heard of first."""
        moved = self.moved_at is not None and self.moved_at >= received_at
        return (self.authority, self.region) if moved else (authority, region)


def evolve(state: ScoreState, event: Event) -> ScoreState:
    match event:
        case ApplicationScored():
            again = event.submission == state.submission
            return _answered(state, event, scored=event, judgements=state.judgements if again else ())
        case ScoringDeclined():
            newer = state.follows(event.round, event.submission)
            return _answered(state, event, declined=event, judgements=()) if newer else state
        case JudgementEntered():
            others = (one for one in state.judgements if one.indicator != event.indicator)
            return msgspec.structs.replace(state, judgements=(*others, event))
        case ScoreTransferred():
            return msgspec.structs.replace(
                state, authority=event.authority, region=event.region, moved_at=event.received_at
            )
        case ScoreDisputed() if state.scored is not None:
            raised = Dispute(event, state.scored.received_at)
            return msgspec.structs.replace(state, disputes=(*state.disputes, raised))
        case ScoreCorrected():
            after = _closed(state, "corrected", event, event.reason) if event.dispute else state
            return msgspec.structs.replace(after, corrections=(*state.corrections, event))
        case ScoreDisputeDismissed():
            return _closed(state, "dismissed", event, event.reason)
        case _:
            return state


def _closed(state: ScoreState, answer: Answer, event: Event, reason: str = "") -> ScoreState:
    closed = {"answer": answer, "answered_at": event.received_at, "reason": reason}
    after = (msgspec.structs.replace(one, **closed) if one.answer == "open" else one for one in state.disputes)
    return msgspec.structs.replace(state, disputes=tuple(after))


def _answered(state: ScoreState, event: ApplicationScored | ScoringDeclined, **changes: object) -> ScoreState:
    """A submission that is newer leaves no dispute of the one before open."""
    if event.submission != state.submission:
        state = _closed(state, "superseded", event)
    return msgspec.structs.replace(
        state,
        **{"scored": None, "declined": None, **changes},
        authority=event.authority,
        region=event.region,
        round=event.round,
        submission=event.submission,
    )
