"""自测 by the fewest questions, for everybody: after each answer what remains possible, and what is best asked next."""

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from libs.events.contracts.self_test import LinkBroken, SelfTestLink, link_of, read_link
from libs.events.contracts.times import business_date
from libs.events.decider import Policies
from libs.events.errors import Refused
from libs.events.web.desk import At
from services.assessment.domain.interview import Course, bound_tiers, course
from services.assessment.domain.policies import SIZE, national, size_from
from services.assessment.domain.scores.sized import size_of
from services.assessment.routes.bodies import Interview
from services.assessment.shown import course_shown

router = APIRouter(tags=["评分标准"])


class LinkInvalid(Refused):
    code = "assessment.link-invalid"
    title = "自测链接无效"
    status = 422


class NothingToTest(Refused):
    code = "assessment.nothing-to-test"
    title = "今天没有适用的标准可供自测"
    status = 404


@router.post("/self-test/questions")
async def interview(desk: At, body: Interview) -> Response:
    """自测，问得最少：各梯度是否仍有可能、差多少，接下来最该问什么、将要哪些材料；附可重现的链接，不保存."""
    desk.allow("assessment.self_test")
    policies, test = desk.policies(), _asked(body)
    tiers = bound_tiers(policies, test.authority, test.kind, test.tiers, business_date(desk.now))
    if not tiers:
        raise NothingToTest(way_out="请不填梯度，或改选申报类型")
    found = course(tiers, test.answers, test.digital_level)
    link = link_of(_known(test, found, policies))
    return desk.respond(course_shown(tiers, found) | size_of(test.answers, policies) | {"link": link})


def _asked(body: Interview) -> SelfTestLink:
    """What the link says, and over it what is given beside it; an answer of null is taken back."""
    try:
        linked = read_link(body.link) if body.link is not None else SelfTestLink()
    except LinkBroken as broken:
        raise LinkInvalid(str(broken), way_out="请检查链接是否完整，或重新自测") from broken
    answers = {name: value for name, value in (linked.answers | body.answers).items() if value is not None}
    said = {name: getattr(body, name) for name in body.model_fields_set if name not in ("answers", "link")}
    return msgspec.structs.replace(linked, answers=answers, **{**said, "tiers": tuple(said.get("tiers", linked.tiers))})


def _known(test: SelfTestLink, found: Course, policies: Policies) -> SelfTestLink:
    """Of the answers what a pack or the size standard asks for; nothing else is carried on."""
    sizing = size_from(national(policies, SIZE)).fields.values() if policies.of_kind(SIZE) else ()
    kept = {name: value for name, value in test.answers.items() if name not in found.ignored or name in sizing}
    return msgspec.structs.replace(test, answers=kept)
