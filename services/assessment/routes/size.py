"""企业规模: the class of a firm under the size standard, for everybody; nothing is stored."""

from fastapi import APIRouter
from starlette.responses import Response

from libs.events.web.desk import At
from services.assessment.domain.policies import SIZE, national, size_from
from services.assessment.domain.size import classify
from services.assessment.routes.bodies import SizeAsked

router = APIRouter(tags=["企业规模"])


@router.get("/size/standard")
async def standard(desk: At) -> Response:
    """现行的划型标准：各行业的指标、界限、出处和行业代码对应."""
    desk.allow("assessment.read_rules")
    policy = national(desk.policies(), SIZE)
    return desk.respond(dict(policy.content) | {"sha256": policy.sha256})


@router.post("/size")
async def size(desk: At, body: SizeAsked) -> Response:
    """划型：无需登录，不保存；逐项说明界限和差距，与申报的规模比较；不能划型的说明原因."""
    desk.allow("assessment.size")
    policy = national(desk.policies(), SIZE)
    rules = size_from(policy)
    figures = {name: getattr(body, name) for name in rules.indicators if name in SizeAsked.model_fields}
    result = classify(rules, body.industry, figures, body.declared)
    return desk.respond({"standard": policy.pin, "result": result})
