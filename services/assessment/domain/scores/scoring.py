"""A submission scored under the pack it is bound to; where there is none, the reason."""

from collections.abc import Mapping
from typing import Any

import msgspec

from libs.events.contracts.assessment import ApplicationScored, ScoreTransferred, ScoringDeclined, ScoringInputs
from libs.events.contracts.base import Event
from libs.events.decider import Facts, Policy, PolicyMissing
from services.assessment.domain.policies import pack_from
from services.assessment.domain.rules import Pack, PolicyFault, evaluate
from services.assessment.domain.scores.commands import MoveScore, ScoreApplication
from services.assessment.domain.scores.judged import decimals
from services.assessment.domain.scores.sized import size_of
from services.assessment.domain.scores.state import ScoreState

NO_PACK = "该申报没有绑定评分标准，无须评分"


def score(command: ScoreApplication, state: ScoreState, facts: Facts) -> list[Event]:
    """Each submission once; judgements of a round before do not count for it."""
    authority, region = state.place_of(command.authority, command.region, command.received_at)
    command = msgspec.structs.replace(command, authority=authority, region=region)
    if not state.follows(command.round, command.submission):
        return [declined(command, "已有更新的提交，或该次提交已处理")]
    if command.pack is None:
        return [declined(command, NO_PACK)]
    try:
        policy = facts.policies.pinned(command.pack)
        pack = pack_from(policy)
    except PolicyMissing:
        return [declined(command, f"没有评分标准 {command.pack.id} 的这一文本（SHA-256 {command.pack.sha256}）")]
    except PolicyFault as fault:
        return [declined(command, f"评分标准 {command.pack.id} 有误：{fault}")]
    inputs = ScoringInputs(used(pack, command.answers), command.digital_level)
    return [scored(command, policy, pack, inputs, size_of(command.answers, facts.policies))]


def used(pack: Pack, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that the pack asks for; nothing else of the filing is kept here."""
    return {name: answers[name] for name in pack.inputs if name in answers}


def scored(
    command: ScoreApplication, policy: Policy, pack: Pack, inputs: ScoringInputs, size: dict[str, Any]
) -> ApplicationScored:
    result = evaluate(pack, inputs.answers, inputs.digital_level, decimals(inputs.judgements))
    return ApplicationScored(
        command.received_at,
        application=command.application,
        enterprise=command.enterprise,
        authority=command.authority,
        region=command.region,
        round=command.round,
        submission=command.submission,
        pack=policy.pin,
        verdict=result.verdict,
        low=result.low,
        high=result.high,
        result=msgspec.to_builtins(result) | size,
        inputs=inputs,
    )


def declined(command: ScoreApplication, reason: str) -> ScoringDeclined:
    return ScoringDeclined(
        command.received_at,
        application=command.application,
        enterprise=command.enterprise,
        round=command.round,
        reason=reason,
        submission=command.submission,
        authority=command.authority,
        region=command.region,
    )


def move(command: MoveScore) -> list[Event]:
    """移送: whoever reviews there may read the score and enter judgements."""
    return [
        ScoreTransferred(
            command.received_at,
            application=command.application,
            enterprise=command.enterprise,
            authority=command.authority,
            region=command.region,
            cause=command.cause,
        )
    ]
