"""统计 for officials: verdicts by pack and region, and whom a corrected pack touches."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from libs.events.decider import Policies
from libs.events.store.ports import Document
from libs.events.web.desk import At
from services.assessment import queries
from services.assessment.domain.policies import PACK, found, pack_from
from services.assessment.domain.rules import evaluate
from services.assessment.domain.scores.judged import decimals
from services.assessment.domain.scores.state import ScoreState
from services.assessment.routes.bodies import PackId, Size

router = APIRouter(tags=["评分统计"])
Pack = Annotated[str | None, Query(pattern=r"^[0-9a-z@._+-]{1,64}$")]
After = Annotated[str, Query(pattern=r"^[0-9a-z]{0,64}$", description="上一页末项的申报编号")]


@router.get("/statistics/scores")
async def statistics(desk: At, by: queries.By = "county", pack: Pack = None) -> Response:
    """辖区内各标准、各地区的评分结论件数；每件申报计最近一次提交."""
    return desk.respond({"by": by, "items": await queries.statistics(desk, by, pack)})


@router.get("/packs/{id}/touched")
async def touched(desk: At, id: PackId, after: After = "", size: Size = 50) -> Response:
    """标准文本更正后涉及的申报：原文本与现行文本下的结论；只作比较，不改变任何评分."""
    desk.scope("assessment.statistics")
    policies = desk.policies()
    current = found(policies, PACK, id)
    if current is None:
        desk.raise_not_found()
    documents = await queries.touched(desk, id, current.sha256, after, size)
    items = [_twice(one, policies, id) for one in documents]
    return desk.respond({"pack": current.pin, "items": items, "changed": sum(one["changed"] for one in items)})


def _twice(document: Document, policies: Policies, id: str) -> Document:
    """A score as it stands, and the same inputs under the text in force now."""
    scored = msgspec.convert(document["state"], ScoreState).scored
    assert scored is not None
    given = scored.inputs
    policy = policies.get(PACK, id)
    anew = evaluate(pack_from(policy), given.answers, given.digital_level, decimals(given.judgements))
    before = {"sha256": scored.pack.sha256, "verdict": scored.verdict, "low": scored.low, "high": scored.high}
    now = {"verdict": anew.verdict, "low": anew.low, "high": anew.high}
    return {
        "application": document["application"],
        "enterprise": document["enterprise"],
        "region": document["region"],
        "before": before,
        "now": now,
        "changed": any(before[name] != now[name] for name in now),
    }
