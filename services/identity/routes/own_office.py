"""One's own office: delegating it during absence, and taking it back."""

from fastapi import APIRouter
from starlette.responses import Response

from libs.events.contracts.base import Event
from libs.events.contracts.officials import DelegationGranted
from libs.events.web.desk import At, Desk
from libs.events.web.models import Id
from services.identity import sessions
from services.identity.bodies import Why
from services.identity.domain.officials.commands import Delegate, EndDelegation
from services.identity.domain.officials.refusals import NotAppointed
from services.identity.offices_bodies import Delegation

router = APIRouter(tags=["officials"], prefix="/me/delegations")


async def seat_of(desk: Desk) -> tuple[str, str]:
    """(authority, appointment) that this session acts under. Raises NotAppointed."""
    session = await sessions.by_id(desk.documents(sessions.COLLECTION), desk.principal.sid)
    if session is None or not session.appointment:
        raise NotAppointed(way_out="请先选择任职")
    return session.authority, session.appointment


@router.post("", status_code=201)
async def delegate(desk: At, body: Delegation) -> Response:
    """委托代行: another official of the same authority acts for oneself until then; every act of theirs names both."""
    desk.allow("identity.delegate")
    authority, appointment = await seat_of(desk)
    command = Delegate(
        **desk.head, authority=authority, official=desk.principal.id, appointment=appointment, delegate=body.delegate,
        until=body.until, reason=body.reason,
    )  # fmt: skip
    return await desk.handle(command, body, show=_granted)


@router.post("/{delegated}/end", status_code=201)
async def end(desk: At, delegated: Id, body: Why) -> Response:
    """结束委托."""
    desk.allow("identity.delegate")
    authority, _ = await seat_of(desk)
    command = EndDelegation(
        **desk.head, authority=authority, official=desk.principal.id, delegated=delegated, reason=body.reason
    )
    return await desk.handle(command, body)


def _granted(events: list[Event]) -> dict[str, str]:
    return {"delegated": next(event.delegated for event in events if isinstance(event, DelegationGranted))}
