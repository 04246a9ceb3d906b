"""What somebody may do at all in a service, and for the rest why not: told from the very table that decides."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from libs.events.contracts.base import SERVICES
from libs.events.web.authorization import REASONS, Grant, Table, Target, is_who, why_not
from libs.events.web.desk import At
from libs.events.web.principals import Principal

router = APIRouter(tags=["permissions"])
SIGN_IN = "not-signed-in"


@router.get("/me/permissions")
async def mine(desk: At) -> Response:
    """每项操作：可以办理（限于哪些对象），或不能办理的原因和途径。各服务各答各的操作."""
    own = desk.runtime.service.name
    others = [f"/api/{name}/me/permissions" for name in SERVICES if name != own]
    return desk.respond({"service": own, "actions": permissions(desk.runtime.table, desk.principal), "others": others})


def permissions(table: Table, principal: Principal) -> dict[str, dict[str, Any]]:
    """Action → `allowed` with its bounds, or the reason code, its words and the way out."""
    return {action: _one(grants, principal) for action, grants in table.items()}


def _one(grants: tuple[Grant, ...], principal: Principal) -> dict[str, Any]:
    fitting = [grant for grant in grants if is_who(grant, principal) and not _owns_nothing(grant, principal)]
    if not fitting:
        code = SIGN_IN if principal.kind == "public" else why_not(grants, principal, Target())
        return {"allowed": False, "reason": code, "words": REASONS[code].words, "way_out": REASONS[code].way_out}
    bounds = {"relations": [g.relation for g in fitting], "states": [s for g in fitting for s in g.states]}
    step_up = not principal.stepped_up and all(g.step_up for g in fitting)
    return {"allowed": True, **bounds, "step_up": step_up}


def _owns_nothing(grant: Grant, principal: Principal) -> bool:
    return grant.relation == "own" and principal.enterprise is None
