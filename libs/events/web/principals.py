"""Who is asking: an access token verified against what `identity` has published."""

from base64 import urlsafe_b64decode
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import OKPKey

from libs.events.clock import wall_seconds
from libs.events.contracts.actors import Actor, Office
from libs.events.errors import Unavailable
from libs.events.flow.follower import TOLERATED_SECONDS, Follower
from libs.events.web.strangers import AtOnce

AUDIENCE = "tidu"
LONGEST_SECONDS = 300
LEEWAY_SECONDS = 2
SIGNATURES_KEPT = 4_000
_waiting = AtOnce(8)
_signed: OrderedDict[str, tuple[dict[str, str], dict[str, Any]]] = OrderedDict()
"""Token → the key that its signature was checked with, and its claims: a signature stays what it is, while everything that
time and revocation decide is asked each time."""


def issuer(deployment: str) -> str:
    """The claim `iss`."""
    return f"tidu-{deployment}"


class Principal(msgspec.Struct, frozen=True):
    """`kind` is account, official or public; `account_kind` legal or natural; `enterprise` once verified.

    `stepped_up`: they have proved anew who they are, and that still counts. `represents`: the official they stand in for.
    """

    kind: str
    id: str
    sid: str = ""
    account_kind: str | None = None
    enterprise: str | None = None
    office: Office | None = None
    stepped_up: bool = False
    represents: str | None = None

    @property
    def actor(self) -> Actor:
        kind = self.kind if self.kind in ("account", "official") else "public"
        return Actor(kind, self.id, self.office, self.represents)  # type: ignore[arg-type]


ANYONE = Principal("public", "anyone")


class NotSignedIn(Exception):
    """No token, or one that is not (or no longer) good; `reason` is safe to show. `forged`, where no token of ours looks
    like that, is the reason in the access log."""

    def __init__(self, reason: str, forged: str = "") -> None:
        super().__init__(reason)
        self.reason, self.forged = reason, forged


async def principal_of(token: str, follower: Follower, deployment: str) -> Principal:
    """Raises NotSignedIn; Unavailable while an official's standing cannot be known."""
    claims = await _claims(token, follower, deployment)
    issued = datetime.fromtimestamp(claims["iat"], UTC)
    if follower.is_revoked(claims["sid"], claims["sub"], issued):
        raise NotSignedIn("会话已结束")
    if claims["kind"] != "official":
        return Principal("account", claims["sub"], claims["sid"], claims["kind"], claims.get("enterprise"))
    if follower.behind() > TOLERATED_SECONDS:
        raise Unavailable("whether this appointment still stands cannot be known right now")
    appointment = claims.get("appointment")
    office = await follower.office(appointment, claims["sub"]) if appointment else None
    if appointment and office is None:
        raise NotSignedIn("任职已结束")
    return Principal(
        "official", claims["sub"], claims["sid"], office=office, stepped_up=_stepped_up(claims),
        represents=claims.get("represents"),
    )  # fmt: skip


def _stepped_up(claims: dict[str, Any]) -> bool:
    """`step_up` is until when a proof of identity counts, in wall seconds; how long that is `identity` says."""
    until = claims.get("step_up")
    return isinstance(until, int | float) and wall_seconds() < until


async def _claims(token: str, follower: Follower, deployment: str) -> dict[str, Any]:
    try:
        kid = str(_header(token).get("kid", ""))
        jwk = follower.keys.get(kid) or await _new_key(kid, follower)
        if jwk is None:
            raise NotSignedIn("令牌的签名密钥未知", "token-of-an-unknown-key")
        claims = _signed_claims(token, jwk)
        jwt.JWTClaimsRegistry(
            now=int(wall_seconds()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer(deployment)},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        ).validate(claims)
    except ExpiredTokenError as error:
        raise NotSignedIn("令牌无效或已过期") from error
    except (JoseError, ValueError) as error:
        raise NotSignedIn("令牌无效或已过期", "token-forged") from error
    texts = (claims["sub"], claims.get("sid"), claims.get("kind"))
    if claims["exp"] - claims["iat"] > LONGEST_SECONDS or not all(isinstance(text, str) for text in texts):
        raise NotSignedIn("令牌无效", "token-forged")
    return claims


def _signed_claims(token: str, jwk: dict[str, str]) -> dict[str, Any]:
    known = _signed.get(token)
    if known is not None and known[0] == jwk:
        _signed.move_to_end(token)
        return known[1]
    claims = jwt.decode(token, OKPKey.import_key({**jwk}), algorithms=["EdDSA"]).claims
    _signed[token] = dict(jwk), claims
    if len(_signed) > SIGNATURES_KEPT:
        _signed.popitem(last=False)
    return claims


async def _new_key(kid: str, follower: Follower) -> dict[str, str] | None:
    """A key that is not known may just have been published: a few tokens at once are let wait for it."""
    if not _waiting.enter():
        return None
    try:
        return await follower.key(kid)
    finally:
        _waiting.leave()


def _header(token: str) -> dict[str, Any]:
    first = token.partition(".")[0]
    header = msgspec.json.decode(urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    if not isinstance(header, dict):
        raise ValueError("the header is not an object")
    return header
