"""异议: an enterprise holds a score to be wrong, in time, and in something that could be better."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from libs.events.contracts.assessment import ApplicationScored, ScoreDisputed
from libs.events.contracts.base import Event
from libs.events.contracts.times import business_date, day_end
from libs.events.contracts.workdays import Calendar, Period
from libs.events.decider import Facts, Policies
from libs.events.errors import Refused, refuse_if, refuse_together
from libs.events.ids import entity_id
from services.assessment.domain.policies import DISPUTES, dispute_rules_from
from services.assessment.domain.scores.commands import DisputeScore
from services.assessment.domain.scores.refusals import (
    AlreadyDisputed,
    DisputeAnswered,
    DisputeLate,
    DisputeReasonMissing,
    IndicatorUnknown,
    NothingToDispute,
    NotScored,
)
from services.assessment.domain.scores.state import ScoreState


def dispute(command: DisputeScore, state: ScoreState, facts: Facts) -> list[Event]:
    """提出异议 to the latest score, once, within the days that the policy gives."""
    scored = state.scored
    if scored is None:
        raise NotScored(state.declined.reason if state.declined else "")
    policy = facts.policies.of_authority(DISPUTES, state.authority)
    refuse_if_disputed(state, scored)
    until, _ = days_after(scored.received_at, dispute_rules_from(policy).file_within, facts.policies)
    refuse_if(
        command.received_at > until,
        DisputeLate(rule=policy.title, since=scored.received_at, until=until, way_out="请向受理的主管部门反映"),
    )
    named = tuple(dict.fromkeys(command.indicators))
    refuse_together(refusals(named, command.reason, scored))
    answer_by, days = days_after(command.received_at, dispute_rules_from(policy).answer_within, facts.policies)
    return [
        ScoreDisputed(
            command.received_at,
            application=command.application,
            enterprise=command.enterprise,
            dispute=entity_id(command.id, 1),
            round=scored.round,
            submission=scored.submission,
            indicators=named,
            reason=command.reason.strip(),
            answer_by=answer_by,
            provisional=days.provisional,
            policies=(policy.pin, *days.policies),
        )
    ]


def refuse_if_disputed(state: ScoreState, scored: ApplicationScored) -> None:
    """One dispute for each score; a corrected score is another."""
    for one in state.disputes:
        if one.answer == "open":
            raise AlreadyDisputed(since=one.raised.received_at, until=one.raised.answer_by, dispute=one.raised.dispute)
        if one.of == scored.received_at:
            raise DisputeAnswered(one.reason, since=one.answered_at, dispute=one.raised.dispute)


def days_after(moment: datetime, working_days: int, policies: Policies) -> tuple[datetime, Period]:
    """The last instant of the n-th working day after that of `moment`, and the days counted."""
    days = Calendar(policies).deadline(business_date(moment), working_days)
    return day_end(days.ends), days


def answer_due(raised: ScoreDisputed, policies: Policies) -> tuple[datetime, bool]:
    """By when it is answered, and whether that is provisional: counted anew, by the calendars that are published now,
    while the day that was told rested on a year without one."""
    if not raised.provisional:
        return raised.answer_by, False
    pin = next(pin for pin in raised.policies if pin.kind == DISPUTES)
    until, days = days_after(raised.received_at, dispute_rules_from(policies.pinned(pin)).answer_within, policies)
    return until, days.provisional


def refusals(named: tuple[str, ...], reason: str, scored: ApplicationScored) -> list[Refused]:
    wrong: list[Refused] = []
    parts = parts_of(scored.result)
    unknown = [id for id in named if id not in parts]
    wanting = [id for id, part in parts.items() if wants(part)]
    if unknown:
        wrong.append(IndicatorUnknown(f"{scored.pack.id} 中没有 {'、'.join(unknown)}", way_out=offer(wanting)))
    elif not set(named) & set(wanting):
        said = "所列各项已得满分或已满足" if named else "请写明对哪些指标或条件有异议"
        wrong.append(NothingToDispute(said, way_out=offer(wanting)))
    if not reason.strip():
        wrong.append(DisputeReasonMissing())
    return wrong


def offer(ids: list[str]) -> str:
    return f"可提出异议的有：{'、'.join(ids) or '无'}"


def parts_of(result: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Indicators and conditions of an explained result, by id."""
    return {part["id"]: part for name in ("gates", "direct", "indicators") for part in result[name]}


def wants(part: Mapping[str, Any]) -> bool:
    """Whether it could be better: a condition that is not met, an indicator below its maximum."""
    return bool(part["low"] != part["max"]) if "max" in part else part["state"] != "met"
