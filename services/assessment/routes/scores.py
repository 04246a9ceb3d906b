"""评分: explained for the enterprise and the offices that cover it; judgements by the authority."""

from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from libs.events.contracts.assessment import Verdict
from libs.events.contracts.times import time_text
from libs.events.web.authorization import Target
from libs.events.web.desk import At, Desk
from libs.events.web.models import Id
from libs.events.web.times import AsOf
from services.assessment import queries
from services.assessment.domain.imports import decider as imports
from services.assessment.domain.imports.commands import imports_stream
from services.assessment.domain.scores import decider
from services.assessment.domain.scores.commands import (
    CorrectScore,
    DismissDispute,
    DisputeScore,
    EnterJudgement,
    score_stream,
)
from services.assessment.domain.scores.state import ScoreState
from services.assessment.routes.bodies import Correction, Dismissal, DisputeRaised, Judgement, Page, Size
from services.assessment.shown import compared_shown, newly_disputed, newly_scored, score_shown

router = APIRouter(tags=["评分"])
SCORE = "/scores/{enterprise}/{application}"


@router.get("/scores")
async def scores(
    desk: At, verdict: Verdict | None = None, disputed: bool = False, page: Page = 1, size: Size = 50
) -> Response:
    """本企业或辖区内的评分，最近的在前；disputed：只看有待答复异议的."""
    return desk.respond(await queries.scores_page(desk, verdict, disputed, page, size))


@router.get(SCORE)
async def read(desk: At, enterprise: Id, application: Id, as_of: AsOf = None) -> Response:
    """评分及逐项说明，异议和更正，并与导入的其他平台得分对照."""
    state, version = await _reach(desk, "assessment.read_score", enterprise, application, as_of)
    shown = score_shown(enterprise, application, state, desk.policies())
    if state.scored is not None:
        imported, _ = await desk.state(imports, imports_stream(enterprise), time_text(as_of) if as_of else None)
        shown["imported"] = compared_shown(state.scored, imported, desk.policies())
    return desk.respond(shown, version)


@router.post(SCORE + "/judgements", status_code=201)
async def judge(desk: At, enterprise: Id, application: Id, body: Judgement) -> Response:
    """录入法律留给主管部门评定的得分；随即重新评分."""
    await _reach(desk, "assessment.judge", enterprise, application)
    command = EnterJudgement(
        **desk.head,
        enterprise=enterprise,
        application=application,
        indicator=body.indicator,
        points=body.points,
        reason=body.reason,
    )
    return await desk.handle(command, body, newly_scored)


@router.post(SCORE + "/disputes", status_code=201)
async def dispute(desk: At, enterprise: Id, application: Id, body: DisputeRaised) -> Response:
    """对评分提出异议：写明指标或条件和理由；答复期限以工作日计."""
    await _reach(desk, "assessment.dispute", enterprise, application)
    command = DisputeScore(
        **desk.head,
        enterprise=enterprise,
        application=application,
        indicators=tuple(body.indicators),
        reason=body.reason,
    )
    return await desk.handle(command, body, newly_disputed)


@router.post(SCORE + "/corrections", status_code=201)
async def correct(desk: At, enterprise: Id, application: Id, body: Correction) -> Response:
    """更正：按核实的内容或标准的现行文本重新评分，原评分保留在记录中."""
    await _reach(desk, "assessment.correct", enterprise, application)
    command = CorrectScore(
        **desk.head,
        enterprise=enterprise,
        application=application,
        dispute=body.dispute,
        answers=body.answers,
        current_text=body.current_text,
        reason=body.reason,
    )
    return await desk.handle(command, body, newly_scored)


@router.post(SCORE + "/disputes/{dispute}/dismissal", status_code=201)
async def dismiss(desk: At, enterprise: Id, application: Id, dispute: Id, body: Dismissal) -> Response:
    """驳回异议，写明理由；评分不变."""
    await _reach(desk, "assessment.correct", enterprise, application)
    command = DismissDispute(
        **desk.head, enterprise=enterprise, application=application, dispute=dispute, reason=body.reason
    )
    return await desk.handle(command, body)


async def _reach(
    desk: Desk, action: str, enterprise: str, application: str, as_of: datetime | None = None
) -> tuple[ScoreState, int]:
    """The score (as of then), if there is one and the principal may do this where it lies now."""
    stream = score_stream(enterprise, application)
    state, version = await desk.state(decider, stream)
    desk.allow(action, Target(enterprise, state.authority, state.region))
    if as_of is not None:
        state, version = await desk.state(decider, stream, time_text(as_of))
    if state.status == "none":
        desk.raise_not_found()
    return state, version
