"""评分: explained for the enterprise and the offices that cover it; judgements by the authority."""

from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from libs.events.contracts.assessment import Verdict
from libs.events.contracts.times import time_text
from libs.events.web.authorization import Target
from libs.events.web.desk import At, Desk
from libs.events.web.models import Id
from services.assessment import queries
from services.assessment.domain.scores import decider
from services.assessment.domain.scores.commands import EnterJudgement, score_stream
from services.assessment.domain.scores.state import ScoreState
from services.assessment.routes.bodies import AsOf, Judgement, Page, Size
from services.assessment.shown import newly_scored, score_shown

router = APIRouter(tags=["评分"])
SCORE = "/scores/{enterprise}/{application}"


@router.get("/scores")
async def scores(desk: At, verdict: Verdict | None = None, page: Page = 1, size: Size = 50) -> Response:
    """本企业或辖区内的评分，最近的在前."""
    return desk.respond(await queries.scores_page(desk, verdict, page, size))


@router.get(SCORE)
async def read(desk: At, enterprise: Id, application: Id, as_of: AsOf = None) -> Response:
    """评分及逐项说明."""
    state, version = await _reach(desk, "assessment.read_score", enterprise, application, as_of)
    return desk.respond(score_shown(enterprise, application, state), version)


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
