"""What answers show of events, states and policies."""

from collections.abc import Sequence
from typing import Any

import msgspec

from libs.events.contracts.assessment import (
    ApplicationScored,
    DigitalLevelAssessed,
    DigitalLevelImported,
    ScoreDisputed,
    ScoreImported,
)
from libs.events.contracts.base import Event
from libs.events.contracts.times import time_text
from libs.events.decider import Policies, Policy
from services.assessment.domain.digital.questionnaires import Assigned
from services.assessment.domain.digital.refusals import IMPORT
from services.assessment.domain.digital.state import DigitalState, origin_of
from services.assessment.domain.imports.compared import compared
from services.assessment.domain.imports.state import ImportsState
from services.assessment.domain.interview import BoundTier, Course
from services.assessment.domain.policies import (
    IMPORTS,
    SCORE_IMPORTS,
    import_rules_from,
    national,
    pack_from,
    score_import_rules_from,
)
from services.assessment.domain.scores.disputing import answer_due
from services.assessment.domain.scores.state import Dispute, ScoreState

Document = dict[str, Any]
IDS = ("application", "enterprise")
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


def newly_disputed(events: list[Event]) -> Document:
    raised = next(e for e in events if isinstance(e, ScoreDisputed))
    return {"dispute": raised.dispute, "answer_by": time_text(raised.answer_by), "provisional": raised.provisional}


def newly_imported(events: list[Event]) -> Document:
    result = next(e for e in events if isinstance(e, ScoreImported))
    return {"imported": result.imported, "scheme": result.scheme, "year": result.year, "score": result.score}


def imports_shown(state: ImportsState, policies: Policies) -> Document:
    """Every year's latest result, the newest year first; a proof without the place where it is stored."""
    schemes = score_import_rules_from(national(policies, SCORE_IMPORTS)).schemes
    items = []
    for one in sorted(state.results, key=lambda one: (-one.year, one.scheme)):
        body = {k: v for k, v in msgspec.to_builtins(one).items() if k not in ("received_at", "enterprise", "policies")}
        body["evidence"] = {k: v for k, v in body["evidence"].items() if k != "blob"}
        label = schemes[one.scheme].label if one.scheme in schemes else one.scheme
        items.append(body | {"label": label, "at": time_text(one.received_at)})
    offered = {id: {"label": one.label, "since": one.since} for id, one in schemes.items()}
    return {"items": items, "schemes": offered}


def compared_shown(scored: ApplicationScored, imports: ImportsState, policies: Policies) -> list[Document]:
    """What the filing says of other platforms' scores, beside what was imported."""
    rules = score_import_rules_from(national(policies, SCORE_IMPORTS))
    fields = frozenset(pack_from(policies.pinned(scored.pack)).inputs)
    return [msgspec.to_builtins(one) for one in compared(scored, fields, rules, imports)]


def dispute_shown(one: Dispute, policies: Policies) -> Document:
    raised = one.raised
    answer_by, provisional = answer_due(raised, policies)
    return {
        "dispute": raised.dispute,
        "indicators": list(raised.indicators),
        "reason": raised.reason,
        "at": time_text(raised.received_at),
        "answer_by": time_text(answer_by),
        "provisional": provisional,
        "answer": one.answer,
        "answered_at": time_text(one.answered_at) if one.answered_at else None,
        "answer_reason": one.reason,
    }


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


def course_shown(tiers: Sequence[BoundTier], found: Course) -> Document:
    """Where each tier stands, with the rules it stands under, the next question, and the documents of what is possible."""
    standings = [
        msgspec.to_builtins(at) | {"pack": one.pin, "binding": one.binding, "certain": one.pack.certain}
        for one, at in zip(tiers, found.standings, strict=True)
    ]
    next_: Document | None = None
    if found.question is not None:
        asked = msgspec.to_builtins(found.question)
        next_ = {name: value for name, value in asked.items() if name != "input"} | asked["input"]
    return {"tiers": standings, "next": next_, "documents": found.documents, "ignored": found.ignored}


def pack_entry(policy: Policy) -> Document:
    more = {name: policy.content[name] for name in ENTRY if name in policy.content}
    head = ("id", "title", "source", "authority", "effective_from", "effective_to", "sha256")
    return {name: getattr(policy, name) for name in head} | more


def pack_shown(policy: Policy) -> Document:
    return dict(policy.content) | {"sha256": policy.sha256}


def score_shown(enterprise: str, application: str, state: ScoreState, policies: Policies) -> Document:
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
    shown["disputes"] = [dispute_shown(one, policies) for one in state.disputes]
    corrections = [msgspec.to_builtins(one) for one in state.corrections]
    shown["corrections"] = [
        {"at" if name == "received_at" else name: value for name, value in one.items() if name not in IDS}
        for one in corrections
    ]
    if scored is None:
        return shown | {"reason": state.declined.reason if state.declined else None}
    body: Document = msgspec.to_builtins(scored)
    judgements = [
        {"indicator": one.indicator, "points": one.points, "reason": one.reason, "at": time_text(one.received_at)}
        for one in state.judgements
    ]
    kept = {name: body[name] for name in ("submission", "pack", "verdict", "low", "high", "inputs", "result")}
    return shown | {"at": time_text(scored.received_at), "judgements": judgements} | kept
