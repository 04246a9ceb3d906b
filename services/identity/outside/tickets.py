"""What a provider said of somebody whom no account is linked with yet: kept for a while, used once, by this browser alone."""

import hmac
from hashlib import sha256
from secrets import token_hex, token_urlsafe
from typing import Any, Literal

import msgspec
from starlette.responses import Response

from libs.events.errors import Refused
from libs.events.web.desk import Desk
from services.identity.domain.rules import account_rules
from services.identity.outside import cookies

COLLECTION = "outside_tickets"


class TicketOver(Refused):
    code = "identity.outside-ticket-over"
    title = "统一登录的凭据已使用或已过期"
    status = 404


class Ticket(msgspec.Struct, frozen=True):
    """`account` is the one it must be linked with, where the credit code belongs to one; `why` is told as a refusal is.
    No value of a person is in it: `identity` is a blind index."""

    id: str
    secret: str
    provider: str
    identity: str
    credit_code: str
    name: str
    account: str
    next: Literal["link", "register"]
    why: dict[str, Any]
    until: int


async def issue(
    desk: Desk,
    response: Response,
    provider: str,
    identity: str,
    credit_code: str,
    name: str,
    account: str,
    why: dict[str, Any],
) -> Response:
    """The id may be read by the page; the secret is in a cookie, so that a ticket of somebody else's is of no use."""
    seconds, secret = account_rules(desk.policies())["outside"]["ticket_seconds"], token_urlsafe(32)
    ticket = Ticket(
        token_hex(16), _hash(secret), provider, identity, credit_code, name, account,
        "link" if account else "register", why, desk.runtime.wall() + seconds * 1000,
    )  # fmt: skip
    document = {"_id": ticket.id, **{k: v for k, v in msgspec.to_builtins(ticket).items() if k != "id"}}
    await desk.documents(COLLECTION).insert(document)
    return cookies.put(desk, response, "ticket", f"{ticket.id}.{secret}", seconds)


async def held(desk: Desk) -> Ticket | None:
    """The ticket of this browser, as long as it is good."""
    id_, _, secret = cookies.value_of(desk, "ticket").partition(".")
    found = await desk.documents(COLLECTION).get(id_) if id_ else None
    if found is None or found["until"] <= desk.runtime.wall():
        return None
    ticket = msgspec.convert({**found, "id": found["_id"]}, Ticket)
    return ticket if hmac.compare_digest(ticket.secret, _hash(secret)) else None


async def needed(desk: Desk, id_: str) -> Ticket:
    """This browser's ticket, if it is the one named. Raises TicketOver."""
    ticket = await held(desk)
    if ticket is None or not hmac.compare_digest(ticket.id.encode(), id_.encode()):
        raise over()
    return ticket


async def spend(desk: Desk, ticket: Ticket) -> None:
    await desk.documents(COLLECTION).delete({"_id": ticket.id})


def over() -> TicketOver:
    return TicketOver(way_out="请重新用统一登录进入；也可用登录名和密码登录")


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
