"""A password that somebody chooses: everything that stands against it, from the rules, the lists and what is known of them."""

from libs.events.errors import Refused
from libs.events.web.desk import Desk
from services.identity.breached import breached_refusals
from services.identity.domain.accounts.logins import chosen_refusals
from services.identity.domain.accounts.passwords import context_refusals
from services.identity.settings import Settings

NOBODYS = "\0"
"""Where the login name is not known: no password contains it."""


def refusals(desk: Desk, password: str, login: str, *own: str) -> list[Refused]:
    """`own`: further words of the holder's, such as phone, e-mail, credit code and name of the enterprise."""
    settings, policies = desk.runtime.settings, desk.policies()
    assert isinstance(settings, Settings)
    return [
        *chosen_refusals(password, login or NOBODYS, policies),
        *context_refusals(password, words(login, *own), policies),
        *breached_refusals(password, settings),
    ]


def words(*own: str) -> list[str]:
    """As they would stand in a password: an e-mail address also by what is before the @, a phone without its country."""
    parts = (text.strip().removeprefix("+86") for text in own)
    return [word for text in parts for word in {text, text.partition("@")[0]} if word]
