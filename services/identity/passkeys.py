"""Security keys (WebAuthn) as second factors: registering one, and asking it to sign a challenge that counts once."""

from secrets import token_bytes, token_hex
from typing import Any
from urllib.parse import urlsplit

import msgspec
import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor

from libs.events.store.ports import Document
from libs.events.web.desk import Desk
from services.identity import factors
from services.identity.cookies import is_loopback
from services.identity.factors import COLLECTION, FactorWrong, rules_of

CHALLENGES = "webauthn_challenges"
WAY_OUT = "请重新开始，并使用已登记的安全密钥"


def _origin(desk: Desk) -> str:
    """Locally our port under the name `localhost`: a browser refuses an address as RP ID (WebAuthn, 5.1.3 step 8)."""
    given = urlsplit(desk.runtime.settings.origin)
    if not is_loopback(given.geturl()):
        return given.geturl()
    return f"{given.scheme}://localhost:{given.port}" if given.port else f"{given.scheme}://localhost"


def _rp(desk: Desk) -> str:
    return urlsplit(_origin(desk)).hostname or ""


async def begin(desk: Desk, holder: str, name: str) -> dict[str, Any]:
    """Options for `navigator.credentials.create`; the factor counts once the key's answer has come."""
    factor, challenge = token_hex(16), token_bytes(32)
    known = [PublicKeyCredentialDescriptor(base64url_to_bytes(one["credential"])) for one in await keys(desk, holder)]
    options = webauthn.generate_registration_options(
        rp_id=_rp(desk), rp_name=rules_of(desk.policies())["totp"]["issuer"], user_name=name, user_id=holder.encode(),
        challenge=challenge, exclude_credentials=known,
    )  # fmt: skip
    document = {"_id": factor, "holder": holder, "kind": "webauthn", "at": desk.runtime.wall(), "confirmed": False,
                "challenge": bytes_to_base64url(challenge)}  # fmt: skip
    await desk.documents(COLLECTION).insert(document)
    return {"factor": factor, "options": msgspec.json.decode(options_to_json(options))}


async def confirm(desk: Desk, holder: str, factor: str, credential: dict[str, Any]) -> None:
    """Raises FactorWrong."""
    await factors.count(desk, holder)
    found = await factors.begun(desk, holder, factor, "webauthn")
    try:
        made = webauthn.verify_registration_response(
            credential=credential, expected_challenge=base64url_to_bytes(found["challenge"]), expected_rp_id=_rp(desk),
            expected_origin=_origin(desk),
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise FactorWrong(way_out=WAY_OUT) from error
    key = {"credential": bytes_to_base64url(made.credential_id), "public_key": bytes_to_base64url(made.credential_public_key),
           "sign_count": made.sign_count, "challenge": ""}  # fmt: skip
    if not await desk.documents(COLLECTION).update(factor, {**key, "confirmed": True}, {"confirmed": False}):
        raise FactorWrong(way_out=WAY_OUT)
    await factors.forget(desk, holder)


async def keys(desk: Desk, holder: str) -> list[Document]:
    return [one for one in await factors.confirmed(desk, holder) if one["kind"] == "webauthn"]


async def challenge(desk: Desk, holder: str) -> dict[str, Any] | None:
    """Options for `navigator.credentials.get`; None when no key is registered."""
    known = await keys(desk, holder)
    if not known:
        return None
    challenge, id_ = token_bytes(32), token_hex(16)
    await desk.documents(CHALLENGES).insert(
        {"_id": id_, "holder": holder, "challenge": bytes_to_base64url(challenge), "at": desk.runtime.wall()}
    )
    options = webauthn.generate_authentication_options(
        rp_id=_rp(desk), challenge=challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(base64url_to_bytes(one["credential"])) for one in known],
    )  # fmt: skip
    return {"challenge": id_, "options": msgspec.json.decode(options_to_json(options))}


async def prove(desk: Desk, holder: str, challenge: str, assertion: dict[str, Any]) -> str:
    """`hwk`. A challenge counts once, a key's counter only goes up. Raises FactorWrong, TooManyAttempts."""
    await factors.count(desk, holder)
    asked = await desk.documents(CHALLENGES).get(challenge)
    oldest = desk.runtime.wall() - rules_of(desk.policies())["enrolment_seconds"] * 1000
    once = asked is not None and await desk.documents(CHALLENGES).delete({"_id": challenge, "holder": holder}) > 0
    if asked is None or not once or asked["at"] < oldest:
        raise FactorWrong(way_out=WAY_OUT)
    key = next((one for one in await keys(desk, holder) if one["credential"] == assertion.get("id")), None)
    if key is None:
        raise FactorWrong(way_out=WAY_OUT)
    try:
        signed = webauthn.verify_authentication_response(
            credential=assertion, expected_challenge=base64url_to_bytes(asked["challenge"]), expected_rp_id=_rp(desk),
            expected_origin=_origin(desk), credential_public_key=base64url_to_bytes(key["public_key"]),
            credential_current_sign_count=key["sign_count"],
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise FactorWrong(way_out=WAY_OUT) from error
    counter = {"sign_count": signed.new_sign_count}
    if not await desk.documents(COLLECTION).update(key["_id"], counter, {"sign_count": key["sign_count"]}):
        raise FactorWrong(way_out=WAY_OUT)
    await factors.forget(desk, holder)
    return "hwk"
