"""One sign-in under way: what only this browser knows, in an encrypted cookie; that it is not over yet, in a document."""

import hmac
from hashlib import sha256
from secrets import token_urlsafe

import msgspec
from cryptography.exceptions import InvalidTag
from starlette.responses import Response

from libs.events.errors import Refused
from libs.events.web.desk import Desk
from services.identity.domain.rules import account_rules
from services.identity.locked import lock, unlock
from services.identity.outside import cookies

COLLECTION, PURPOSE = "outside_flows", "outside flows"
_SAFE, _PLAIN = str.maketrans("+/=", "-_."), str.maketrans("-_.", "+/=")


class SignInBroken(Refused):
    """The same for whatever is wrong with it: missing, another's, used before, too old."""

    code = "identity.outside-sign-in-broken"
    title = "统一登录没有完成或已过期"
    status = 400


class Flow(msgspec.Struct, frozen=True):
    """`until` is wall milliseconds; `verifier` is PKCE's (RFC 7636)."""

    provider: str
    state: str
    nonce: str
    verifier: str
    return_to: str
    until: int


async def begin(desk: Desk, provider: str, return_to: str) -> Flow:
    until = desk.runtime.wall() + account_rules(desk.policies())["outside"]["flow_seconds"] * 1000
    flow = Flow(provider, token_urlsafe(32), token_urlsafe(32), token_urlsafe(48), return_to, until)
    await desk.documents(COLLECTION).insert({"_id": _key(flow.state), "until": until})
    return flow


def keep(desk: Desk, response: Response, flow: Flow) -> Response:
    """With the browser that began it."""
    locked = lock(desk.runtime, PURPOSE, desk.runtime.settings.deployment, msgspec.json.encode(flow))
    seconds = max(1, (flow.until - desk.runtime.wall()) // 1000)
    return cookies.put(desk, response, "flow", locked.translate(_SAFE), seconds)


async def take(desk: Desk, provider: str, state: str) -> Flow:
    """The flow that this browser began with this provider; it is over with that. Raises SignInBroken."""
    flow = _kept(desk)
    if flow is None or flow.provider != provider or not hmac.compare_digest(flow.state.encode(), state.encode()):
        raise broken()
    first = await desk.documents(COLLECTION).delete({"_id": _key(flow.state)}) > 0
    if not first or flow.until <= desk.runtime.wall():
        raise broken()
    return flow


def _kept(desk: Desk) -> Flow | None:
    value = cookies.value_of(desk, "flow").translate(_PLAIN)
    try:
        plain = unlock(desk.runtime, PURPOSE, desk.runtime.settings.deployment, value)
    except (InvalidTag, ValueError):
        return None
    return msgspec.json.decode(plain, type=Flow)


def broken() -> SignInBroken:
    return SignInBroken(way_out="请在同一浏览器中从登录页重新开始；也可用登录名和密码登录")


def _key(state: str) -> str:
    return sha256(state.encode()).hexdigest()
