"""Notifications over HTTP: one's own inbox."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from libs.events.web.desk import At
from libs.events.web.models import Id
from services.notifications import queries
from services.notifications.domain.messages.commands import MarkRead

router = APIRouter(tags=["inbox"])


@router.get("/inbox")
async def inbox(
    desk: At,
    group: Annotated[str, Query(max_length=16)] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """我的消息, by group."""
    desk.allow("notifications.read_inbox")
    return desk.respond(await queries.inbox(desk, group, page))


@router.get("/inbox/latest")
async def latest(desk: At) -> Response:
    """最新消息 of the home page."""
    desk.allow("notifications.read_inbox")
    return desk.respond(await queries.latest(desk))


@router.get("/inbox/unread")
async def unread(desk: At) -> Response:
    """未读数."""
    desk.allow("notifications.read_inbox")
    return desk.respond(await queries.unread(desk))


@router.get("/messages/{message}")
async def one(desk: At, message: Id) -> Response:
    """一条消息."""
    desk.allow("notifications.read_inbox")
    return desk.respond(await queries.one(desk, message))


@router.post("/messages/{message}/read", status_code=201)
async def mark_read(desk: At, message: Id) -> Response:
    """标为已读, by this reader."""
    desk.allow("notifications.mark_read")
    partition, box = queries.place(desk)
    return await desk.handle(MarkRead(**desk.head, partition=partition, message=message, box=box))
