"""Verifying an ID token (OpenID Connect Core 1.0, 3.1.3.7): by a key of the provider, for us, of this sign-in, in time."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import BadSignatureError, ClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from libs.events.errors import Refused


class IdentityNotProven(Refused):
    """`reason` names the check that failed; nothing of the token is told."""

    code = "identity.outside-identity-not-proven"
    title = "统一登录的身份凭据没有通过核验"
    status = 401


class KeyNotHere(Exception):
    """No key that we have signed it; there may be newer ones. `reason` is what it is refused for if there are none."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Expected(msgspec.Struct, frozen=True):
    issuer: str
    client_id: str
    nonce: str
    access_token: str
    algorithms: Sequence[str]
    now: int
    leeway: int
    """Wall seconds both."""


def verified(token: str, keys: KeySet, expected: Expected) -> Mapping[str, Any]:
    """The token's claims. Raises IdentityNotProven, KeyNotHere."""
    # Loaded with the first sign-in of this kind: most deployments have no provider.
    from authlib.oidc.core import CodeIDToken

    try:
        signed = jwt.decode(token, keys, algorithms=list(expected.algorithms))
        claims = CodeIDToken(
            signed.claims, signed.header,
            {
                "iss": {"essential": True, "value": expected.issuer},
                "aud": {"essential": True, "value": expected.client_id},
            },
            {"nonce": expected.nonce, "client_id": expected.client_id, "access_token": expected.access_token},
        )  # fmt: skip
        claims.validate(expected.now, expected.leeway)
    except (InvalidKeyIdError, BadSignatureError) as error:
        # A provider whose only key has no id shows a new one by a signature that does not fit.
        raise KeyNotHere(error.error) from error
    except ClaimError as error:
        raise not_proven(error.claim) from error
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise not_proven(getattr(error, "error", "") or "malformed") from error
    return dict(claims)


def not_proven(reason: str) -> IdentityNotProven:
    return IdentityNotProven(reason=reason, way_out="请从登录页重新开始；仍不成功的，请用登录名和密码登录")
