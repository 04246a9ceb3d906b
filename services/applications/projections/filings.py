"""Every filing with its state, who has it and since when: an enterprise's own list, and officials' lists by region."""

from typing import Any

from libs.events.contracts import applications as said
from libs.events.contracts.actors import covering
from libs.events.contracts.base import Event
from libs.events.contracts.times import time_text
from libs.events.flow.projections import Document
from libs.events.recorded import Recorded

NAME, VERSION, SOURCES = "filings", 1, ("applications",)
HANDLES: tuple[type[Event], ...] = (
    said.ApplicationSubmitted,
    said.WithdrawalRequested,
    said.ApplicationWithdrawn,
    said.WithdrawalRefusalNoted,
    said.RecallNoted,
    said.ReviewStartNoted,
    said.ReturnNoted,
    said.ApprovalNoted,
    said.RejectionNoted,
    said.ApplicationAccepted,
    said.JurisdictionChanged,
    said.ApplicationLapsed,
    said.ApplicationRevived,
    said.ApplicationVoided,
)
INDEXES = (("enterprise", "-submitted_at"), ("authority", "covering", "status", "-submitted_at"), ("window", "status"))

ENDS: dict[type[Event], str] = {
    said.ApprovalNoted: "approved",
    said.ApplicationAccepted: "approved",
    said.RejectionNoted: "rejected",
    said.ApplicationVoided: "voided",
    said.WithdrawalRequested: "withdrawal_requested",
    said.ApplicationWithdrawn: "withdrawn",
}


def key(event: Recorded[Any]) -> str | None:
    application: str = event.data.application
    return application


def apply(document: Document | None, event: Recorded[Any]) -> Document | None:
    data, at = event.data, time_text(event.data.received_at)
    if isinstance(data, said.ApplicationSubmitted):
        return _submitted(document or {}, event, at)
    if document is None:
        return None
    match data:
        case said.WithdrawalRefusalNoted():
            began = document["started_round"] == document["round"]
            return document | {"status": "in_review" if began else "submitted", "since": at}
        case said.RecallNoted():
            return document | {"status": "returned", "since": at} if data.accepted else document
        case said.ReviewStartNoted():
            waits = document["status"] == "withdrawal_requested"
            status = document["status"] if waits else "in_review"
            return document | {"status": status, "since": at, "level": data.level, "started_round": document["round"]}
        case said.ReturnNoted():
            return document | _returned(data, at)
        case said.JurisdictionChanged():
            return document | _lies(data.region, data.region_names) | {"level": None}
        case said.ApplicationLapsed():
            return document | {"status": "lapsed", "before_lapse": document["status"], "since": at, "why": data.reason}
        case said.ApplicationRevived():
            return document | {"status": document["before_lapse"], "since": at, "why": ""}
        case _:
            return document | {"status": ENDS[type(data)], "since": at, "level": None}


def _submitted(before: Document, event: Recorded[said.ApplicationSubmitted], at: str) -> Document:
    data = event.data
    return {
        "started_round": 0,
        **before,
        "application": data.application,
        "filing": event.stream,
        "enterprise": data.enterprise,
        "enterprise_name": data.enterprise_name,
        "credit_code": data.credit_code,
        "kind": data.kind,
        "tier": data.tier,
        "window": data.window,
        "batch": data.batch,
        "authority": data.authority,
        **_lies(data.region, data.region_names),
        "round": data.round,
        "status": "submitted",
        "since": at,
        "level": None,
        "why": "",
        "submitted_at": at,
        "first_submitted_at": before.get("first_submitted_at", at),
    }


def _returned(data: said.ReturnNoted, at: str) -> Document:
    return {
        "status": "returned",
        "since": at,
        "level": data.level,
        "unlocked": list(data.unlocked),
        "region_unlocked": data.region_unlocked,
        "deadline": time_text(data.deadline) if data.deadline else None,
    }


def _lies(region: str, names: tuple[str, ...]) -> Document:
    return {"region": region, "region_names": list(names), "covering": list(covering(region))}
