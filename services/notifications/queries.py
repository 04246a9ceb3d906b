"""Look-ups in the reader's own box: an enterprise's, or that of the office an official acts under."""

from collections.abc import Mapping
from typing import Any

from libs.events.errors import Refused
from libs.events.web.desk import Desk
from services.notifications.domain.messages.recipients import office_box

NEWEST_FIRST = ("-clock",)


class NoBox(Refused):
    code = "notifications.no-inbox"
    title = "还没有消息箱"
    status = 403


def inbox_rules(desk: Desk) -> Mapping[str, Any]:
    return desk.policies().of_authority("inbox", "national").content


def place(desk: Desk) -> tuple[str, str]:
    """(partition, box) of whoever asks. Raises NoBox."""
    office, enterprise = desk.principal.office, desk.principal.enterprise
    if office is not None:
        return office.authority, office_box(office)
    if enterprise is None:
        raise NoBox(way_out="完成法人实名认证，或选择任职后可以查看消息")
    return enterprise, enterprise


async def inbox(desk: Desk, group: str, page: int) -> dict[str, Any]:
    """One page, the newest first."""
    where, size = _where(desk, group), inbox_rules(desk)["page_size"]
    view = desk.view("inbox")
    found = await view.find(where, sort=NEWEST_FIRST, skip=(page - 1) * size, limit=size)
    return {
        "total": await view.count(where),
        "unread": await _unread(desk, where),
        "page": page,
        "page_size": size,
        "messages": [shown(desk, document) for document in found],
    }


async def latest(desk: Desk) -> dict[str, Any]:
    """企业最新消息: as many as the home page shows."""
    where = _where(desk, "")
    found = await desk.view("inbox").find(where, sort=NEWEST_FIRST, limit=inbox_rules(desk)["latest"])
    return {"unread": await _unread(desk, where), "messages": [shown(desk, document) for document in found]}


async def unread(desk: Desk) -> dict[str, Any]:
    """Unread in all and in every group."""
    groups = {group: await _unread(desk, _where(desk, group)) for group in inbox_rules(desk)["groups"]}
    return {"unread": await _unread(desk, _where(desk, "")), "groups": groups}


async def one(desk: Desk, message: str) -> dict[str, Any]:
    document = await desk.view("inbox").get(message)
    if document is None or document["box"] != place(desk)[1]:
        desk.raise_not_found()
    return shown(desk, document)


def _where(desk: Desk, group: str) -> dict[str, Any]:
    _, box = place(desk)
    return {"box": box, "group": group} if group else {"box": box}


async def _unread(desk: Desk, where: Mapping[str, Any]) -> int:
    view = desk.view("inbox")
    return await view.count(where) - await view.count({**where, "read_by": _reader(desk)})


def _reader(desk: Desk) -> str:
    return desk.principal.actor.ref


def shown(desk: Desk, document: Mapping[str, Any]) -> dict[str, Any]:
    """A message as its reader sees it; who else of an office has read it stays unsaid."""
    hidden = ("_id", "box", "clock", "read_by", "enterprise", "office")
    return {k: v for k, v in document.items() if k not in hidden} | {"read": _reader(desk) in document["read_by"]}
