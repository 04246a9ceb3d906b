"""录入 by the authority: what the law leaves to it, within the pack's bounds, and the score that follows."""

import msgspec

from libs.events.contracts.actors import NATION, Actor, Level
from libs.events.contracts.assessment import ApplicationScored, JudgementEntered
from libs.events.contracts.base import Event
from libs.events.decider import Facts
from libs.events.errors import Refused, refuse_together, refuse_unless
from services.assessment.domain.policies import pack_from
from services.assessment.domain.rules import Pack, evaluate
from services.assessment.domain.scores.commands import EnterJudgement
from services.assessment.domain.scores.judged import Judged, decimals, left_to_judgement, names
from services.assessment.domain.scores.refusals import (
    IndicatorUnknown,
    JudgementReasonMissing,
    NotForJudgement,
    NotScored,
    NotTheAuthority,
    PointsOutside,
)
from services.assessment.domain.scores.sized import size_as_before
from services.assessment.domain.scores.state import ScoreState

JUDGES: tuple[Level, ...] = ("city", "province")


def judge(command: EnterJudgement, state: ScoreState, facts: Facts) -> list[Event]:
    """Both together: the judgement, and the score anew under the pack that the score has pinned."""
    before = state.scored
    if before is None:
        raise NotScored(state.declined.reason if state.declined else "")
    refuse_unless(may_judge(command.actor, state), NotTheAuthority())
    pack = pack_from(facts.policies.pinned(before.pack))
    judged = judged_in(pack, command.indicator)
    points = judged.points(command.points)
    reason = command.reason.strip()
    refuse_together(refusals(judged, points, reason))
    assert points is not None
    entered = JudgementEntered(
        command.received_at,
        application=command.application,
        enterprise=command.enterprise,
        indicator=command.indicator,
        points=points,
        reason=reason,
        round=before.round,
        submission=before.submission,
        pack=before.pack,
    )
    if already(state, entered):
        return []
    return [entered, scored_again(before, state, entered, pack)]


def may_judge(actor: Actor, state: ScoreState) -> bool:
    """A reviewer at city or province whose office covers the application (地方特色指标: 附件2 二、（三）9)."""
    office = actor.office
    return (
        office is not None
        and office.authority in (state.authority, NATION)
        and any(actor.sits_at(level, state.region) for level in JUDGES)
    )


def judged_in(pack: Pack, indicator: str) -> Judged:
    """Raises IndicatorUnknown, NotForJudgement."""
    offered = left_to_judgement(pack)
    judged = next((one for one in offered if one.id == indicator), None)
    if judged is not None:
        return judged
    way_out = "可录入的指标：" + ("、".join(f"{one.id} {one.label}" for one in offered) or "无")
    if indicator in names(pack):
        raise NotForJudgement(f"{indicator} 由平台按申报内容计算", rule=pack.source, way_out=way_out)
    raise IndicatorUnknown(f"{pack.id} 中没有 {indicator}", rule=pack.source, way_out=way_out)


def refusals(judged: Judged, points: str | None, reason: str) -> list[Refused]:
    wrong: list[Refused] = []
    if points is None:
        wrong.append(PointsOutside(f"{judged.label}：{judged.bounds}", way_out=judged.help))
    if not reason:
        wrong.append(JudgementReasonMissing())
    return wrong


def already(state: ScoreState, entered: JudgementEntered) -> bool:
    same = (one for one in state.judgements if one.indicator == entered.indicator)
    return any((one.points, one.reason) == (entered.points, entered.reason) for one in same)


def scored_again(
    before: ApplicationScored, state: ScoreState, entered: JudgementEntered, pack: Pack
) -> ApplicationScored:
    judgements = {**before.inputs.judgements, entered.indicator: entered.points}
    inputs = msgspec.structs.replace(before.inputs, judgements=judgements)
    result = evaluate(pack, inputs.answers, inputs.digital_level, decimals(judgements))
    return msgspec.structs.replace(
        before,
        received_at=entered.received_at,
        authority=state.authority,
        region=state.region,
        verdict=result.verdict,
        low=result.low,
        high=result.high,
        result=msgspec.to_builtins(result) | size_as_before(before),
        inputs=inputs,
    )
