"""其他平台的评价得分: imported with its proof, read with it; never computed."""

from typing import Annotated

from fastapi import APIRouter, Form, Path
from starlette.responses import Response

from libs.events.contracts.times import time_text
from libs.events.web.desk import At
from libs.events.web.models import Id
from libs.events.web.times import AsOf
from services.assessment import queries
from services.assessment.domain.imports import decider
from services.assessment.domain.imports.commands import ImportScore, imports_stream
from services.assessment.domain.policies import SCORE_IMPORTS, national, score_import_rules_from
from services.assessment.evidence import given_back, kept
from services.assessment.routes.bodies import ScoreImport
from services.assessment.shown import imports_shown, newly_imported

router = APIRouter(tags=["其他平台得分"])
Year = Annotated[int, Path(ge=1, le=9999)]


@router.post("/imported-scores/{enterprise}", status_code=201)
async def import_(
    desk: At, enterprise: Id, given: Annotated[ScoreImport, Form(media_type="multipart/form-data")]
) -> Response:
    """导入其他平台的评价得分（multipart，字段 file 为证明材料）；同一年度以最近一次为准."""
    desk.allow("assessment.import_score", await queries.place_of(desk, enterprise))
    rules = score_import_rules_from(national(desk.policies(), SCORE_IMPORTS))
    evidence = await kept(desk, rules.evidence, enterprise, given.file)
    command = ImportScore(
        **desk.head,
        enterprise=enterprise,
        scheme=given.scheme,
        year=given.year,
        score=given.score,
        issued_by=given.issued_by,
        issued_on=given.issued_on,
        evidence=evidence,
    )
    return await desk.handle(command, given.with_proof(evidence.sha256), newly_imported)


@router.get("/imported-scores/{enterprise}")
async def read(desk: At, enterprise: Id, as_of: AsOf = None) -> Response:
    """已导入的得分：企业本身，和有其申报的主管部门可查看."""
    desk.allow("assessment.read_digital", await queries.place_of(desk, enterprise))
    state, version = await desk.state(decider, imports_stream(enterprise), time_text(as_of) if as_of else None)
    return desk.respond(imports_shown(state, desk.policies()), version)


@router.get("/imported-scores/{enterprise}/{scheme}/{year}/evidence")
async def evidence(desk: At, enterprise: Id, scheme: Id, year: Year) -> Response:
    """导入结果的证明材料."""
    desk.allow("assessment.read_digital", await queries.place_of(desk, enterprise))
    state, _ = await desk.state(decider, imports_stream(enterprise))
    result = state.of(scheme, year)
    return await given_back(desk, enterprise, result.evidence if result else None)
