"""The refresh cookie, and the check that it was our own page that sent it."""

from typing import TypeVar
from urllib.parse import urlsplit

from starlette.responses import Response

from libs.events.errors import Refused
from libs.events.web.desk import Desk

PATH = "/api/identity/session"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")

R = TypeVar("R", bound=Response)


class ForeignOrigin(Refused):
    code = "identity.foreign-origin"
    title = "请求来源不被接受"
    status = 403


def cookie_of(desk: Desk) -> str | None:
    """The cookie's value. Raises ForeignOrigin when a browser sent it from another site's page."""
    origin = desk.request.headers.get("origin")
    from_page = origin is not None or "sec-fetch-site" in desk.request.headers
    if from_page and not _is_ours(origin or "", desk.runtime.settings.origin):
        raise ForeignOrigin()
    return desk.request.cookies.get(_name(desk))


def set_cookie(desk: Desk, response: R, value: str, seconds: int) -> R:
    response.set_cookie(
        _name(desk),
        value,
        max_age=seconds,
        path=PATH,
        secure=not is_loopback(desk.runtime.settings.origin),
        httponly=True,
        samesite="strict",
    )
    return response


def forget_cookie(desk: Desk, response: R) -> R:
    response.delete_cookie(_name(desk), path=PATH, httponly=True, samesite="strict")
    return response


def _name(desk: Desk) -> str:
    return f"tidu_{desk.runtime.settings.deployment}"


def _is_ours(origin: str, ours: str) -> bool:
    """Locally every loopback name of our port is ours; what is no origin at all is nobody's."""
    try:
        given, own = urlsplit(origin), urlsplit(ours)
        if (given.scheme, given.netloc) == (own.scheme, own.netloc):
            return True
        return is_loopback(origin) and is_loopback(ours) and (given.scheme, given.port) == (own.scheme, own.port)
    except ValueError:
        return False


def is_loopback(origin: str) -> bool:
    return urlsplit(origin).hostname in _LOOPBACK
