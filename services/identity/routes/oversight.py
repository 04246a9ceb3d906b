"""管理行为审查: what the three administrators did, and the review of it by another."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response

from libs.events.contracts.actors import parse_actor
from libs.events.names import partition_key_of
from libs.events.web.desk import At
from libs.events.web.models import Body
from services.identity.domain.oversight.commands import ReviewAct
from services.identity.domain.oversight.refusals import ActUnknown

router = APIRouter(tags=["oversight"], prefix="/acts")
ActId = Annotated[str, Path(pattern=r"^[0-9a-z]{1,64}\.[0-9]{1,3}$")]
Page = Annotated[int, Query(ge=1, le=10_000)]
PAGE = 50


class Review(Body):
    finding: Literal["in_order", "objection"]
    note: Annotated[str, Field(max_length=2000)] = ""


@router.get("")
async def acts(desk: At, role: str = "", open: bool = False, page: Page = 1) -> Response:
    """系统、安全、审计管理员的管理行为；open=true 只看尚未审查的."""
    where: dict[str, Any] = desk.scope("identity.read_acts")
    where = where | ({"role": role} if role else {}) | ({"finding": None} if open else {})
    view = desk.view("acts")
    found = await view.find(where, sort=("-at",), skip=(page - 1) * PAGE, limit=PAGE)
    shown = [{name: value for name, value in one.items() if name != "_id"} for one in found]
    return desk.respond({"total": await view.count(where), "page": page, "acts": shown})


@router.post("/{act}/review", status_code=201)
async def review(desk: At, act: ActId, body: Review) -> Response:
    """审查: whose act it was the log itself says."""
    desk.allow("identity.review_acts")
    id_ = act.partition(".")[0]
    commit = (await desk.runtime.store.find([id_])).get(id_)
    if commit is None or act not in {event.id for event in commit.events}:
        raise ActUnknown()
    by = parse_actor(commit.actor)
    command = ReviewAct(
        **desk.head,
        partition=partition_key_of(commit.stream),
        act=act,
        by=by.id,
        role=by.office.role if by.office is not None and by.office.level == "platform" else "",
        finding=body.finding,
        note=body.note,
    )
    return await desk.handle(command, body)
