"""Tokens that look right and are not: other algorithms, other keys, other readers, other times."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey

from libs.events.web.principals import LEEWAY_SECONDS, LONGEST_SECONDS, NotSignedIn
from tests.unit.kernel.test_tokens import KEY, NOW, OTHER, Known, asked, clock, public, token

__all__ = ["clock"]
CLAIMS = {"iss": "tidu-test", "aud": "tidu", "sub": "a", "sid": "s", "kind": "legal", "iat": NOW, "exp": NOW + 300}


def part(content: Any) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def unsigned(alg: str) -> str:
    return f"{part({'alg': alg, 'kid': 'k1'})}.{part(CLAIMS)}."


def signed_with_the_public_key(shape: Callable[[dict[str, Any]], bytes]) -> str:
    """HS256, the published key taken for a shared secret."""
    secret = OctKey.import_key(shape(public(KEY)))
    return jwt.encode({"alg": "HS256", "kid": "k1"}, CLAIMS, secret, algorithms=["HS256"])


def with_its_own_key(**header: Any) -> str:
    """Signed by a key that the token brings along."""
    said = f"{part({'alg': 'EdDSA', 'kid': 'k1', **header})}.{part(CLAIMS)}"
    signature: bytes = OTHER.get_op_key("sign").sign(said.encode())
    return f"{said}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"


FORGED = {
    "alg none": lambda: unsigned("none"),
    "alg None": lambda: unsigned("None"),
    "alg empty": lambda: unsigned(""),
    "alg EdDSA without a signature": lambda: unsigned("EdDSA"),
    "HS256 with the published x": lambda: signed_with_the_public_key(lambda jwk: jwk["x"].encode()),
    "HS256 with the published JSON": lambda: signed_with_the_public_key(lambda jwk: json.dumps(jwk).encode()),
    "another key under our kid": lambda: token(OTHER),
    "a key in the header": lambda: with_its_own_key(jwk=public(OTHER)),
    "a key's address in the header": lambda: with_its_own_key(jku="https://evil.example/jwks.json"),
    "ES256 under our kid": lambda: jwt.encode({"alg": "ES256", "kid": "k1"}, CLAIMS, ECKey.generate_key("P-256"), algorithms=["ES256"]),
    "an unknown kid": lambda: token(kid="../../k1"),
    "kid as a list": lambda: f"{part({'alg': 'EdDSA', 'kid': ['k1']})}.{part(CLAIMS)}.{token().split('.')[2]}",
    "the header of no JSON": lambda: f"!!!.{part(CLAIMS)}.x",
    "a header that is a list": lambda: f"{part([])}.{part(CLAIMS)}.x",
    "claims that are a list": lambda: f"{token().split('.')[0]}.{part([])}.{token().split('.')[2]}",
    "four parts": lambda: token() + ".x",
    "five parts, as if encrypted": lambda: token() + ".x.y",
    "nothing": lambda: "",
    "dots": lambda: "..",
    "other claims under a good signature": lambda: f"{token().split('.')[0]}.{part(CLAIMS | {'sub': 'b'})}.{token().split('.')[2]}",
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_token_is_nobodys(name: str, clock: list[float]) -> None:
    assert await asked(token(), Known()) == "a"
    with pytest.raises(NotSignedIn):
        await asked(FORGED[name](), Known())


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "tidu-other"}, {"iss": None}, {"iss": ["tidu-test"]}, {"aud": "other"}, {"aud": None}, {"aud": ["other", "also"]},
        {"sub": None}, {"sub": 1}, {"sub": ""}, {"sid": None}, {"sid": {"$ne": ""}}, {"kind": None}, {"exp": None}, {"iat": None},
        {"exp": "soon"}, {"exp": NOW + LONGEST_SECONDS + 1}, {"iat": NOW + 60, "exp": NOW + 120}, {"nbf": NOW + 60},
    ],
)  # fmt: skip
async def test_a_token_for_others_or_another_time_is_of_no_use(changes: dict[str, Any], clock: list[float]) -> None:
    with pytest.raises(NotSignedIn):
        await asked(token(**changes), Known())


async def test_a_token_ends_to_the_second_but_for_what_clocks_differ(clock: list[float]) -> None:
    good, known = token(), Known()
    clock[0] = NOW + 300 + LEEWAY_SECONDS - 1
    assert await asked(good, known) == "a"
    clock[0] = NOW + 300 + LEEWAY_SECONDS + 1
    with pytest.raises(NotSignedIn):
        await asked(good, known)


async def test_an_issuer_whose_clock_is_a_little_ahead_is_believed(clock: list[float]) -> None:
    clock[0] = NOW - LEEWAY_SECONDS + 1
    assert await asked(token(), Known()) == "a"
    clock[0] = NOW - 60
    with pytest.raises(NotSignedIn):
        await asked(token(), Known())


async def test_a_key_of_another_kind_that_was_published_signs_nothing(clock: list[float]) -> None:
    known, ours = Known(), OKPKey.generate_key("X25519")
    known.keys["k1"] = public(ours)
    with pytest.raises(NotSignedIn):
        await asked(token(), known)
