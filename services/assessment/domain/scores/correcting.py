"""更正 by the authority: figures as it found them, or the pack's corrected text; the old score is named and stays."""

from collections.abc import Mapping
from typing import Any

import msgspec

from libs.events.contracts.actors import NATION, Actor
from libs.events.contracts.assessment import (
    ApplicationScored,
    InputChange,
    ScoreCorrected,
    ScoreDisputeDismissed,
    ScoreNamed,
)
from libs.events.contracts.base import Event
from libs.events.decider import Facts, Policies, Policy
from libs.events.errors import refuse_if, refuse_unless
from services.assessment.domain.policies import DISPUTES, PACK, dispute_rules_from, found, pack_from
from services.assessment.domain.rules import Pack, evaluate
from services.assessment.domain.rules.inputs import NOT_FILLED, given
from services.assessment.domain.scores.commands import CorrectScore, DismissDispute
from services.assessment.domain.scores.judged import decimals
from services.assessment.domain.scores.refusals import (
    DisputeNotOpen,
    DisputeOpen,
    DisputeReasonMissing,
    FiguresInvalid,
    NothingCorrected,
    NotScored,
    NotTheAuthority,
)
from services.assessment.domain.scores.sized import size_corrected
from services.assessment.domain.scores.state import ScoreState

ELSEWHERE = "数字化水平以评测结果为准，不在此更正"


def correct(command: CorrectScore, state: ScoreState, facts: Facts) -> list[Event]:
    """Both together: what was corrected and why, and the score anew with every indicator explained."""
    before = state.scored
    if before is None:
        raise NotScored(state.declined.reason if state.declined else "")
    refuse_unless(decides(command.actor, state, facts.policies), NotTheAuthority())
    refuse_if_answered_wrongly(command, state)
    policy = pack_for(command, before, facts.policies)
    pack = pack_from(policy)
    faults = figure_faults(command.answers, pack)
    refuse_if(faults, FiguresInvalid("；".join(one["message"] for one in faults), errors=faults))
    changed = changes(before, command.answers)
    refuse_unless(
        changed or policy.pin != before.pack,
        NothingCorrected(way_out="异议不成立的，请以“驳回异议”答复并写明理由" if command.dispute else ""),
    )
    anew = scored_with(before, state, changed, policy, facts.policies, command)
    return [
        ScoreCorrected(
            command.received_at,
            application=command.application,
            enterprise=command.enterprise,
            corrects=named(before),
            reason=command.reason.strip(),
            pack=anew.pack,
            verdict=anew.verdict,
            low=anew.low,
            high=anew.high,
            changes=changed,
            dispute=command.dispute,
        ),
        anew,
    ]


def dismiss(command: DismissDispute, state: ScoreState, facts: Facts) -> list[Event]:
    refuse_unless(decides(command.actor, state, facts.policies), NotTheAuthority())
    refuse_if_answered_wrongly(command, state)
    reason = command.reason.strip()
    return [
        ScoreDisputeDismissed(command.received_at, command.application, command.enterprise, command.dispute, reason)
    ]


def decides(actor: Actor, state: ScoreState, policies: Policies) -> bool:
    """A reviewer of a level that answers disputes, whose office covers the application."""
    office = actor.office
    levels = dispute_rules_from(policies.of_authority(DISPUTES, state.authority)).decided_by
    return (
        office is not None
        and office.authority in (state.authority, NATION)
        and any(actor.sits_at(level, state.region) for level in levels)
    )


def refuse_if_answered_wrongly(command: CorrectScore | DismissDispute, state: ScoreState) -> None:
    """What waits is answered, and nothing else; always with a reason."""
    waiting = state.open_dispute
    if waiting is None or command.dispute != waiting.raised.dispute:
        refuse_if(command.dispute or isinstance(command, DismissDispute), DisputeNotOpen(command.dispute))
        refuse_if(waiting, DisputeOpen(dispute=waiting.raised.dispute if waiting else ""))
    refuse_unless(command.reason.strip(), DisputeReasonMissing())


def pack_for(command: CorrectScore, before: ApplicationScored, policies: Policies) -> Policy:
    """The pinned text, or the text of the same pack that is in force now; another pack is no correction."""
    current = found(policies, PACK, before.pack.id) if command.current_text else None
    return current or policies.pinned(before.pack)


def figure_faults(answers: Mapping[str, Any], pack: Pack) -> list[dict[str, str]]:
    """Field by field what cannot be taken; an empty figure is taken back."""
    return [
        {"field": name, "message": fault} for name, value in answers.items() if (fault := fault_of(name, value, pack))
    ]


def fault_of(name: str, value: Any, pack: Pack) -> str | None:
    declared = pack.inputs.get(name)
    if declared is None:
        return f"{pack.id} 不使用 {name}"
    if declared.origin == "digital":
        return ELSEWHERE
    reason = given(declared, value).reason
    return None if reason in (None, NOT_FILLED) else f"{declared.label}：{reason}"


def changes(before: ApplicationScored, answers: Mapping[str, Any]) -> tuple[InputChange, ...]:
    was = before.inputs.answers
    return tuple(InputChange(name, was.get(name), value) for name, value in answers.items() if was.get(name) != value)


def named(scored: ApplicationScored) -> ScoreNamed:
    return ScoreNamed(
        scored.round, scored.submission, scored.received_at, scored.pack, scored.verdict, scored.low, scored.high
    )


def scored_with(
    before: ApplicationScored,
    state: ScoreState,
    changed: tuple[InputChange, ...],
    policy: Policy,
    policies: Policies,
    command: CorrectScore,
) -> ApplicationScored:
    """Judgements stay as they were entered."""
    figures = {one.field: one.after for one in changed}
    now = before.inputs.answers | figures
    kept = {name: value for name, value in now.items() if value is not None}
    inputs = msgspec.structs.replace(before.inputs, answers=kept)
    result = evaluate(pack_from(policy), kept, inputs.digital_level, decimals(inputs.judgements))
    return msgspec.structs.replace(
        before,
        received_at=command.received_at,
        authority=state.authority,
        region=state.region,
        pack=policy.pin,
        verdict=result.verdict,
        low=result.low,
        high=result.high,
        result=msgspec.to_builtins(result) | size_corrected(before, figures, policies),
        inputs=inputs,
    )
