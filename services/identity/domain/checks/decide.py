"""Asking for a manual check, taking it, answering it; ticks say that it is late, and end what nobody answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, assert_never

from libs.events.contracts.accounts import (
    CheckAnswered,
    CheckLapsed,
    CheckOverdue,
    CheckRequested,
    CheckTaken,
    CheckWithdrawn,
)
from libs.events.contracts.base import Event
from libs.events.decider import Decider, Facts, Policies, Tick
from libs.events.errors import refuse_if, refuse_unless
from services.identity.domain.checks.commands import AnswerCheck, RequestCheck, TakeCheck, WithdrawCheck
from services.identity.domain.checks.deadlines import CHECKS, counted, standing
from services.identity.domain.checks.refusals import (
    AlreadyAsked,
    CannotApprove,
    CheckClosed,
    CheckUnknown,
    NotTaken,
    ReasonsMissing,
    ReasonUnknown,
)
from services.identity.domain.checks.state import CheckState, evolve, initial
from services.identity.domain.rules import pins

OVERDUE, LAPSE = "overdue", "lapse"
CheckCommand = RequestCheck | TakeCheck | AnswerCheck | WithdrawCheck | Tick


def check_rules(policies: Policies) -> Mapping[str, Any]:
    """Raises PolicyMissing."""
    return policies.of_authority(CHECKS, "national").content


def decide(command: CheckCommand, state: CheckState, facts: Facts) -> list[Event]:
    match command:
        case RequestCheck():
            return request(command, state, facts)
        case TakeCheck():
            return take(command, state)
        case AnswerCheck():
            return answer(command, state, facts)
        case WithdrawCheck():
            return withdraw(command, state)
        case Tick():
            return tick(command, state, facts)
        case _:
            assert_never(command)


def request(command: RequestCheck, check: CheckState, facts: Facts) -> list[Event]:
    """Answered within working days, lapsed after more of them; which ones is policy."""
    refuse_if(check.requested, AlreadyAsked(way_out="请用核验编号查看进度"))
    rules = facts.policies.of_authority(CHECKS, "national")
    told = counted(command.received_at, rules, facts.policies)
    return [
        CheckRequested(
            received_at=command.received_at,
            check=command.check,
            purpose=command.purpose,
            account=command.account,
            requester=command.requester,
            enterprise=command.enterprise,
            credit_code=command.credit_code,
            name=command.name,
            legal_person_type=command.legal_person_type,
            legal_representative=command.legal_representative,
            document_type=command.document_type,
            document_number=command.document_number,
            findings=command.findings,
            phone=command.phone,
            phone_index=command.phone_index,
            licence=command.licence,
            authority=command.authority,
            region=command.region,
            due=told.due,
            lapses=told.lapses,
            provisional=told.provisional,
            policies=told.policies,
            person_index=command.person_index,
        )
    ]


def take(command: TakeCheck, check: CheckState) -> list[Event]:
    """受理, or taking it over from a colleague."""
    _open(check)
    return (
        [] if check.official == command.official else [CheckTaken(command.received_at, command.check, command.official)]
    )


def answer(command: AnswerCheck, check: CheckState, facts: Facts) -> list[Event]:
    requested = _open(check)
    refuse_unless(check.official == command.official, NotTaken(way_out="受理后再答复"))
    known = check_rules(facts.policies)["reasons"]
    if command.approved:
        refuse_if(command.findings, CannotApprove(findings=[{"code": c, **known.get(c, {})} for c in command.findings]))
    else:
        refuse_unless(command.reasons, ReasonsMissing(way_out="请从不通过原因中选择"))
        unknown = sorted(set(command.reasons) - set(known))
        refuse_if(unknown, ReasonUnknown(unknown=unknown, way_out="可选原因：" + "、".join(known)))
    return [
        CheckAnswered(
            received_at=command.received_at,
            check=command.check,
            purpose=requested.purpose,
            account=requested.account,
            approved=command.approved,
            reasons=() if command.approved else command.reasons,
            note=command.note,
            policies=pins(facts.policies, CHECKS),
        )
    ]


def withdraw(command: WithdrawCheck, check: CheckState) -> list[Event]:
    _open(check)
    return [CheckWithdrawn(command.received_at, command.check, command.reason)]


def tick(command: Tick, check: CheckState, facts: Facts) -> list[Event]:
    """Where a calendar was published since, it may not be time yet; the clock then asks again until it is."""
    requested = check.requested
    if requested is None or not check.open:
        return []
    told = standing(requested, facts.policies)
    late = command.received_at >= told.due and not check.overdue
    events: list[Event] = [CheckOverdue(command.received_at, requested.check)] if late else []
    if command.received_at >= told.lapses:
        events.append(CheckLapsed(command.received_at, requested.check, requested.account))
    return events


def _open(check: CheckState) -> CheckRequested:
    if check.requested is None:
        raise CheckUnknown()
    refuse_unless(check.open, CheckClosed(standing=check.status, since=check.answered_at))
    return check.requested


def due(event: Event) -> Mapping[str, datetime | None]:
    match event:
        case CheckRequested():
            return {OVERDUE: event.due, LAPSE: event.lapses}
        case CheckAnswered() | CheckWithdrawn() | CheckLapsed():
            return {"*": None}
        case _:
            return {}


decider = Decider("check", (RequestCheck, TakeCheck, AnswerCheck, WithdrawCheck, Tick), initial, evolve, decide, due)
