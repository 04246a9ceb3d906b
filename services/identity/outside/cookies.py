"""Two cookies of a sign-in through a provider: the flow's, and that of the ticket it may end with."""

from typing import Literal, TypeVar

from starlette.responses import Response

from libs.events.web.desk import Desk
from services.identity.cookies import is_loopback

R = TypeVar("R", bound=Response)
What = Literal["flow", "ticket"]
_SAME_SITE: dict[What, Literal["lax", "strict"]] = {"flow": "lax", "ticket": "strict"}
"""The flow's comes with the provider's redirect, which is a link from another site; the ticket's never does."""


def value_of(desk: Desk, what: What) -> str:
    return desk.request.cookies.get(_name(desk, what), "")


def put(desk: Desk, response: R, what: What, value: str, seconds: int) -> R:
    response.set_cookie(
        _name(desk, what), value, max_age=seconds, path="/", secure=_secure(desk), httponly=True,
        samesite=_SAME_SITE[what],
    )  # fmt: skip
    return response


def forget(desk: Desk, response: R, what: What) -> R:
    response.delete_cookie(
        _name(desk, what), path="/", secure=_secure(desk), httponly=True, samesite=_SAME_SITE[what]
    )  # fmt: skip
    return response


def _name(desk: Desk, what: What) -> str:
    """`__Host-` keeps a sister domain from setting it; browsers take that name over https alone."""
    return f"{'__Host-' if _secure(desk) else ''}tidu_{what}_{desk.runtime.settings.deployment}"


def _secure(desk: Desk) -> bool:
    return not is_loopback(desk.runtime.settings.origin)
