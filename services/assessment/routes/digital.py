"""数字化水平: the questionnaire of an industry, assessing, importing, and the latest result with its proof."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from libs.events.contracts.times import time_text
from libs.events.web.authorization import Target
from libs.events.web.desk import At
from libs.events.web.models import Id
from libs.events.web.times import AsOf
from services.assessment import queries
from services.assessment.domain.digital import decider
from services.assessment.domain.digital.commands import AssessDigitalLevel, ImportDigitalLevel, digital_stream
from services.assessment.domain.digital.questionnaires import assigned_to
from services.assessment.domain.policies import IMPORTS, import_rules_from, national
from services.assessment.evidence import given_back, kept
from services.assessment.routes.bodies import Import, Industry, Questionnaire
from services.assessment.shown import digital_shown, newly_digital, questionnaire_shown

router = APIRouter(tags=["数字化水平"])


@router.get("/digital/questionnaire")
async def questionnaire(desk: At, industry: Industry) -> Response:
    """行业对应的评测问卷；没有问卷的行业，说明如何导入官方结果."""
    desk.allow("assessment.read_rules")
    return desk.respond(questionnaire_shown(assigned_to(desk.policies(), industry)))


@router.post("/digital/{enterprise}", status_code=201)
async def assess(desk: At, enterprise: Id, body: Questionnaire) -> Response:
    """数字化水平评测；可重新评测，最新一次有效."""
    desk.allow("assessment.assess_digital", Target(enterprise=enterprise))
    command = AssessDigitalLevel(**desk.head, enterprise=enterprise, industry=body.industry, answers=body.answers)
    return await desk.handle(command, body, newly_digital)


@router.post("/digital/{enterprise}/import", status_code=201)
async def import_(
    desk: At, enterprise: Id, given: Annotated[Import, Form(media_type="multipart/form-data")]
) -> Response:
    """导入官方平台的结果（multipart，字段 file 为证明材料）."""
    desk.allow("assessment.import_digital", Target(enterprise=enterprise))
    rules = import_rules_from(national(desk.policies(), IMPORTS))
    evidence = await kept(desk, rules.evidence, enterprise, given.file)
    command = ImportDigitalLevel(
        **desk.head,
        enterprise=enterprise,
        level=given.level,
        score=given.score,
        issued_by=given.issued_by,
        issued_on=given.issued_on,
        evidence=evidence,
    )
    return await desk.handle(command, given.with_proof(evidence.sha256), newly_digital)


@router.get("/digital/{enterprise}")
async def read(desk: At, enterprise: Id, as_of: AsOf = None) -> Response:
    """最新一次结果：企业本身，和有其申报的主管部门可查看."""
    desk.allow("assessment.read_digital", await queries.place_of(desk, enterprise))
    state, version = await desk.state(decider, digital_stream(enterprise), time_text(as_of) if as_of else None)
    if state.latest is None:
        desk.raise_not_found()
    return desk.respond(digital_shown(state, desk.policies()), version)


@router.get("/digital/{enterprise}/evidence")
async def evidence(desk: At, enterprise: Id) -> Response:
    """导入结果的证明材料."""
    desk.allow("assessment.read_digital", await queries.place_of(desk, enterprise))
    state, _ = await desk.state(decider, digital_stream(enterprise))
    return await given_back(desk, enterprise, state.imported.evidence if state.imported else None)
