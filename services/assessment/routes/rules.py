"""评分标准 as published, and the self-test: the same explanation as for an application, nothing stored."""

from fastapi import APIRouter
from starlette.responses import Response

from libs.events.decider import Policy
from libs.events.errors import Refused
from libs.events.web.desk import At, Desk
from services.assessment.domain.policies import PACK, found, pack_from
from services.assessment.domain.rules import evaluate
from services.assessment.routes.bodies import PackId, SelfTest
from services.assessment.shown import pack_entry, pack_shown

router = APIRouter(tags=["评分标准"])


class PackUnknown(Refused):
    code = "assessment.pack-unknown"
    title = "没有这一评分标准"
    status = 404


@router.get("/packs")
async def packs(desk: At) -> Response:
    """现行的评分标准."""
    desk.allow("assessment.read_rules")
    return desk.respond({"items": [pack_entry(policy) for policy in desk.policies().of_kind(PACK)]})


@router.get("/packs/{id}")
async def pack(desk: At, id: PackId) -> Response:
    """一项评分标准的全文：条件、指标、分档和出处."""
    desk.allow("assessment.read_rules")
    return desk.respond(pack_shown(_pack(desk, id)))


@router.post("/self-test")
async def self_test(desk: At, body: SelfTest) -> Response:
    """自测：无需登录，不保存；逐项说明得分、缺什么、差多少."""
    desk.allow("assessment.self_test")
    policy = _pack(desk, body.pack)
    rules = pack_from(policy)
    result = evaluate(rules, body.answers, body.digital_level, {})
    ignored = [name for name in body.answers if name not in rules.inputs]
    return desk.respond({"pack": policy.pin, "result": result, "ignored": ignored})


def _pack(desk: Desk, id: str) -> Policy:
    policies = desk.policies()
    policy = found(policies, PACK, id)
    if policy is None:
        known = "、".join(one.id for one in policies.of_kind(PACK))
        raise PackUnknown(f"没有现行的评分标准 {id}", way_out=f"现行的评分标准：{known}")
    return policy
