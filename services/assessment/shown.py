"""What answers show of events, states and policies."""

from typing import Any

import msgspec

from libs.events.contracts.assessment import ApplicationScored, DigitalLevelAssessed, DigitalLevelImported
from libs.events.contracts.base import Event
from libs.events.contracts.times import time_text
from libs.events.decider import Policies, Policy
from services.assessment.domain.digital.questionnaires import Assigned
from services.assessment.domain.digital.refusals import IMPORT
from services.assessment.domain.digital.state import DigitalState, origin_of
from services.assessment.domain.policies import IMPORTS, import_rules_from, national
from services.assessment.domain.scores.state import ScoreState

Document = dict[str, Any]
ENTRY = ("tier", "kinds", "new_cases_until", "certain", "notes")


def newly_digital(events: list[Event]) -> Document:
    """Beside the receipt: what came out."""
    result = next(e for e in events if isinstance(e, DigitalLevelAssessed | DigitalLevelImported))
    shown: Document = {"assessment": result.assessment, "level": result.level, "score": result.score}
    if isinstance(result, DigitalLevelAssessed):
        shown |= {"dimensions": result.dimensions, "missing_for_next": result.missing_for_next}
    return shown


def newly_scored(events: list[Event]) -> Document:
    scored = next(e for e in events if isinstance(e, ApplicationScored))
    return {"verdict": scored.verdict, "low": scored.low, "high": scored.high}


def digital_shown(state: DigitalState, policies: Policies) -> Document:
    """The latest result with all it rests on; a proof without the place where it is stored."""
    result = state.latest
    assert result is not None
    body: Document = {k: v for k, v in msgspec.to_builtins(result).items() if k != "received_at"}
    if "evidence" in body:
        body["evidence"] = {k: v for k, v in body["evidence"].items() if k != "blob"}
    names = import_rules_from(national(policies, IMPORTS)).levels
    origin = {"origin": origin_of(result), "level_name": names.get(result.level), "taken": state.taken}
    return origin | {"at": time_text(result.received_at)} | body


def questionnaire_shown(assigned: Assigned) -> Document:
    policy = assigned.questionnaire
    head: Document = {"form": assigned.form, "form_label": assigned.label, "source": assigned.table.source}
    head |= {"certain": assigned.certain}
    if policy is None:
        return head | {"questionnaire": None, "reason": assigned.reason, "way_out": IMPORT}
    return head | {"questionnaire": dict(policy.content) | {"sha256": policy.sha256}}


def pack_entry(policy: Policy) -> Document:
    more = {name: policy.content[name] for name in ENTRY if name in policy.content}
    head = ("id", "title", "source", "authority", "effective_from", "effective_to", "sha256")
    return {name: getattr(policy, name) for name in head} | more


def pack_shown(policy: Policy) -> Document:
    return dict(policy.content) | {"sha256": policy.sha256}


def score_shown(enterprise: str, application: str, state: ScoreState) -> Document:
    """The explained result, or the reason why there is none."""
    scored = state.scored
    shown: Document = {
        "application": application,
        "enterprise": enterprise,
        "authority": state.authority,
        "region": state.region,
        "round": state.round,
        "status": state.status,
    }
    if scored is None:
        return shown | {"reason": state.declined.reason if state.declined else None}
    body: Document = msgspec.to_builtins(scored)
    judgements = [
        {"indicator": one.indicator, "points": one.points, "reason": one.reason, "at": time_text(one.received_at)}
        for one in state.judgements
    ]
    kept = {name: body[name] for name in ("submission", "pack", "verdict", "low", "high", "inputs", "result")}
    return shown | {"at": time_text(scored.received_at), "judgements": judgements} | kept
