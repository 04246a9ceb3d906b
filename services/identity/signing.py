"""Signing keys: the private part encrypted in a plain collection, the public part in the log; access tokens (EdDSA)."""

import warnings
from collections.abc import Mapping
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import OKPKey

from libs.events.contracts.times import instant
from libs.events.errors import Unavailable
from libs.events.ids import make_id
from libs.events.runtime import Runtime
from libs.events.store.ports import Documents
from libs.events.web.principals import AUDIENCE, issuer
from services.identity.domain.keys.commands import PublishSigningKey, keys_stream
from services.identity.domain.keys.decide import decider as keys
from services.identity.domain.keys.state import KeysState
from services.identity.locked import lock, unlock

COLLECTION = "signing_keys"
ALGORITHM, PURPOSE = "EdDSA", "signing keys"

# The algorithm's name is the one the published design fixes; its successor name is not known to most readers yet.
warnings.filterwarnings("ignore", category=SecurityWarning, message="EdDSA is deprecated")


async def ensure_signing_key(runtime: Runtime) -> None:
    """At start: the deployment's first key, or another one when this deployment's private keys are lost."""
    state = await keys_now(runtime)
    if await _held(runtime, state) is None:
        command = await new_key(runtime, only_first=not state.keys)
        await runtime.handle(msgspec.structs.replace(command, id=make_id("signing-key", command.kid)))
        await drop_unless_published(runtime, command.kid)


async def new_key(runtime: Runtime, *, only_first: bool = False) -> PublishSigningKey:
    """The command that publishes a fresh key; its private part is durable before the public part is said."""
    key = OKPKey.generate_key("Ed25519")
    kid, jwk = key.thumbprint(), {k: str(v) for k, v in key.as_dict(private=False).items()}
    await runtime.documents(COLLECTION).insert({"_id": kid, "sealed": _seal(runtime, kid, key), "at": runtime.wall()})
    return PublishSigningKey(
        id="",
        received_at=runtime.business.now(),
        actor=runtime.actor,
        deployment=runtime.settings.deployment,
        kid=kid,
        jwk={**jwk, "kid": kid, "alg": ALGORITHM, "use": "sig"},
        now=instant(runtime.wall()),
        only_first=only_first,
    )


async def drop_unless_published(runtime: Runtime, kid: str) -> None:
    """Another process was first, or the request was a repetition: this private part will never be used."""
    if kid not in (await keys_now(runtime)).keys:
        await runtime.documents(COLLECTION).delete({"_id": kid})


async def keys_now(runtime: Runtime) -> KeysState:
    stream = keys_stream(runtime.settings.deployment)
    state: KeysState = (await runtime.state(keys, stream)).state
    return state


async def access_token(runtime: Runtime, claims: Mapping[str, Any], seconds: int) -> str:
    """`claims` are sub, sid, kind, enterprise, appointment; those that are empty are left out."""
    found = await _held(runtime, await keys_now(runtime))
    if found is None:
        raise Unavailable("a new signing key is not usable yet")
    kid, key = found
    issued = runtime.wall() / 1000
    standard = {
        "iss": issuer(runtime.settings.deployment),
        "aud": AUDIENCE,
        "iat": issued,
        "exp": int(issued) + seconds,
    }
    named = {name: value for name, value in claims.items() if value}
    return jwt.encode({"alg": ALGORITHM, "kid": kid}, {**standard, **named}, key, algorithms=[ALGORITHM])


async def _held(runtime: Runtime, state: KeysState) -> tuple[str, OKPKey] | None:
    """The newest usable key whose private part is here."""
    documents: Documents = runtime.documents(COLLECTION)
    for key in state.usable(instant(runtime.wall())):
        found = await documents.get(key.kid)
        if found is not None:
            return key.kid, _open(runtime, key.kid, found["sealed"])
    return None


def _seal(runtime: Runtime, kid: str, key: OKPKey) -> str:
    return lock(runtime, PURPOSE, kid, msgspec.json.encode(key.as_dict(private=True)))


def _open(runtime: Runtime, kid: str, sealed: str) -> OKPKey:
    plain = unlock(runtime, PURPOSE, kid, sealed)
    return OKPKey.import_key(msgspec.json.decode(plain, type=dict[str, str | list[str]]))
