"""Registering with the ticket of an outside identity: the new account is linked with it in the same request."""

from starlette.responses import Response

from libs.events.errors import refuse_if
from libs.events.web.desk import Desk
from services.identity import credentials
from services.identity.domain.accounts.commands import holder_of
from services.identity.outside import cookies, linking, tickets
from services.identity.outside.tickets import Ticket
from services.identity.outside.welcoming import has_account
from services.identity.passwords import Passwords


async def ticket_of(desk: Desk, id_: str, again: bool) -> Ticket | None:
    """None when none is meant, or when a request that comes `again` has used it. Raises TicketOver; NotLinked when the
    enterprise has an account, which is the one to link."""
    if not id_:
        return None
    held = await tickets.held(desk)
    if again and held is None:
        return None
    ticket = await tickets.needed(desk, id_)
    refuse_if(bool(ticket.account), has_account())
    return ticket


async def linked(
    desk: Desk, passwords: Passwords, ticket: Ticket | None, account: str, password: str, response: Response
) -> Response:
    """Only for whoever knows the account's password: a receipt that is given again proves nothing of that."""
    if ticket is None:
        return response
    documents = desk.documents(credentials.COLLECTION)
    if await credentials.fits(documents, passwords, holder_of(account), password) is None:
        return response
    await linking.link_ticket(desk, ticket, account, "registration")
    return cookies.forget(desk, response, "ticket")
