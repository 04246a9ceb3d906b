"""Forms and tables for everybody: what is asked, and what can be picked."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from libs.events.web.desk import At
from services.applications import queries
from services.applications.domain import reference
from services.applications.domain.forms import form_from, form_of, form_policy

router = APIRouter(tags=["表单和选项"])
Words = Annotated[str, Query(max_length=40, description="名称中的词（以空格分开）、代码或拼音首字母")]
Limit = Annotated[int, Query(ge=1, le=queries.MOST_HITS)]


@router.get("/forms")
async def forms(desk: At) -> Response:
    """现行表单."""
    found = queries.forms_in_force(desk.policies())
    return desk.respond(
        [{"id": form.id, "title": form.title, "filing": form.filing, "authority": form.authority} for form, _ in found]
    )


@router.get("/forms/{form}")
async def form(desk: At, form: str) -> Response:
    """一份表单：栏目、字段和佐证材料."""
    if form_of(desk.policies(), form) is None:
        desk.raise_not_found()
    policy = form_policy(desk.policies(), form)
    return desk.respond({"form": form_from(policy), "pin": policy.pin, "source": policy.source})


@router.get("/divisions")
async def divisions(desk: At, under: str | None = None, q: Words = "", limit: Limit = queries.MOST_HITS) -> Response:
    """行政区划和功能区：按上级展开，或按名称、代码、拼音首字母查找."""
    return desk.respond(queries.divisions(desk.policies(), under, q, limit))


@router.get("/industries")
async def industries(desk: At, under: str | None = None, q: Words = "", limit: Limit = queries.MOST_HITS) -> Response:
    """国民经济行业分类：按上级展开，或按名称、代码、拼音首字母查找."""
    return desk.respond(queries.industries(desk.policies(), under, q, limit))


@router.get("/authorities")
async def authorities(desk: At) -> Response:
    """可申报省市及咨询方式."""
    policies = desk.policies()
    codes = [row["code"] for row in reference.newest(policies, "authorities").content["authorities"]]
    return desk.respond([reference.authority(policies, code) for code in codes])


@router.get("/reference")
async def editions(desk: At) -> Response:
    """现行的参考数据：版本、出处、条数和待核实之处."""
    return desk.respond(queries.editions(desk.policies()))


@router.get("/lists")
async def lists(desk: At) -> Response:
    """由运营方提供的目录（产品、战略性新兴产业、“六基”、产业链）：是否已提供、版本和出处."""
    return desk.respond(queries.lists(desk.policies()))


@router.get("/lists/{name}")
async def list_items(
    desk: At,
    name: str,
    under: str | None = None,
    industry: Annotated[str, Query(max_length=4, description="行业代码；只看与之对应的项")] = "",
    q: Words = "",
    limit: Limit = queries.MOST_HITS,
) -> Response:
    """一份目录中的项；尚未提供的，可填写文字，并提示相近的行业."""
    found = queries.list_items(desk.policies(), name, under, industry, q, limit)
    if found is None:
        desk.raise_not_found()
    return desk.respond(found)
