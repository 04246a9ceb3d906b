"""ID tokens: every way in which one may not be the provider's word, for us, about this sign-in, now."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from services.identity.outside.tokens import Expected, IdentityNotProven, KeyNotHere, verified

NOW, LEEWAY = 1_700_000_000, 60
ISSUER, CLIENT, NONCE, ACCESS = "https://login.example", "tidu", "a-nonce", "an-access-token"
KEY, FOREIGN = RSAKey.generate_key(2048, {"kid": "one"}), RSAKey.generate_key(2048, {"kid": "one"})
KEYS = KeySet([KEY])
EXPECTED = Expected(ISSUER, CLIENT, NONCE, ACCESS, ("RS256", "ES256"), NOW, LEEWAY)
CLAIMS = {"iss": ISSUER, "sub": "zhang", "aud": CLIENT, "exp": NOW + 300, "iat": NOW, "nonce": NONCE}


def half(text: str) -> str:
    return urlsafe_b64encode(sha256(text.encode()).digest()[:16]).rstrip(b"=").decode()


def part(content: Mapping[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def signed(changes: Mapping[str, Any] = {}, key: Any = KEY, alg: str = "RS256", kid: str = "one") -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return jwt.encode({"alg": alg, "kid": kid}, claims, key, algorithms=[alg])


def reason_of(token: str) -> str:
    with pytest.raises(IdentityNotProven) as refused:
        verified(token, KEYS, EXPECTED)
    assert refused.value.way_out
    return str(refused.value.facts["reason"])


def test_a_good_one_is_taken() -> None:
    assert verified(signed({"credit_code": "x"}), KEYS, EXPECTED)["credit_code"] == "x"
    assert verified(signed({"aud": [CLIENT], "at_hash": half(ACCESS)}), KEYS, EXPECTED)["sub"] == "zhang"
    assert verified(signed({"aud": [CLIENT, "another"], "azp": CLIENT}), KEYS, EXPECTED)["sub"] == "zhang"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"iss": ISSUER + "/"}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"aud": ["another", "third"]}, "aud"),
        ({"aud": [CLIENT, "another"]}, "azp"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "azp"),
        ({"azp": "another"}, "azp"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"exp": NOW - LEEWAY}, "exp"),
        ({"exp": None}, "exp"),
        ({"iat": NOW + LEEWAY + 1}, "iat"),
        ({"nbf": NOW + LEEWAY + 1}, "nbf"),
        ({"sub": None}, "sub"),
        ({"at_hash": half("another")}, "at_hash"),
    ],
)
def test_each_claim_that_is_wrong_is_refused(changes: dict[str, Any], reason: str) -> None:
    assert reason_of(signed(changes)) == reason


def test_clocks_may_differ_by_the_leeway_and_no_more() -> None:
    assert verified(signed({"exp": NOW - LEEWAY + 1, "iat": NOW - 600}), KEYS, EXPECTED)
    assert verified(signed({"iat": NOW + LEEWAY}), KEYS, EXPECTED)


@pytest.mark.parametrize(
    ("token", "reason"), [(signed(key=FOREIGN), "bad_signature"), (signed(kid="two"), "invalid_key_id")]
)
def test_what_no_known_key_signed_is_refused_once_there_is_no_newer_one(token: str, reason: str) -> None:
    with pytest.raises(KeyNotHere) as refused:
        verified(token, KEYS, EXPECTED)
    assert refused.value.reason == reason


def test_without_a_signature_nothing_is_believed() -> None:
    for alg in ("none", "None", "NONE"):
        head, body = (part(one) for one in ({"alg": alg, "kid": "one"}, CLAIMS))
        for signature in ("", signed().rsplit(".", 1)[1]):
            assert reason_of(f"{head}.{body}.{signature}") == "unsupported_algorithm"


def test_the_public_key_is_no_shared_secret() -> None:
    """Signed with HMAC by the text of the key that everybody can read."""
    head, body = (part(one) for one in ({"alg": "HS256", "kid": "one"}, CLAIMS))
    for text in (KEY.as_pem(private=False), json.dumps(KEY.as_dict(private=False)).encode()):
        signature = hmac.digest(text, f"{head}.{body}".encode(), "sha256")
        token = f"{head}.{body}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"
        assert reason_of(token) == "unsupported_algorithm"


def test_an_algorithm_that_is_not_allowed_is_refused_though_the_key_is_right() -> None:
    assert reason_of(signed(alg="PS256")) == "unsupported_algorithm"


def test_a_key_of_another_kind_is_refused() -> None:
    assert reason_of(signed(key=ECKey.generate_key("P-256", {"kid": "one"}), alg="ES256"))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "..", "é.é.é", "e30.e30.e30", signed() + ".x"])
def test_what_is_no_token_is_refused(token: str) -> None:
    assert reason_of(token)
