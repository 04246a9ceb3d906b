"""A token's signature is checked once; time, keys and revocation are asked about every time."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from libs.events.web import principals
from libs.events.web.principals import SIGNATURES_KEPT, NotSignedIn, principal_of

NOW = 1_800_000_000
KEY, OTHER = OKPKey.generate_key("Ed25519"), OKPKey.generate_key("Ed25519")


def public(key: OKPKey) -> dict[str, Any]:
    return {**key.as_dict(private=False)}


class Known:
    """What the follower knows."""

    def __init__(self) -> None:
        self.keys = {"k1": public(KEY)}
        self.ended: set[str] = set()

    async def key(self, kid: str) -> None:
        return None

    def is_revoked(self, sid: str, sub: str, issued: datetime) -> bool:
        return sid in self.ended


def token(key: OKPKey = KEY, kid: str = "k1", **changes: Any) -> str:
    claims = {"iss": "tidu-test", "aud": "tidu", "sub": "a", "sid": "s", "kind": "legal", "iat": NOW, "exp": NOW + 300}
    return jwt.encode({"alg": "EdDSA", "kid": kid}, claims | changes, key, algorithms=["EdDSA"])


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    now = [float(NOW)]
    monkeypatch.setattr(principals, "wall_seconds", lambda: now[0])
    principals._signed.clear()
    yield now
    principals._signed.clear()


async def asked(given: str, known: Known) -> str:
    return (await principal_of(given, known, "test")).id  # type: ignore[arg-type]


async def test_a_signature_is_checked_once(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    known, good, checked = Known(), token(), list[str]()
    decode = jwt.decode

    def counted(text: str, *rest: Any, **options: Any) -> Any:
        checked.append(text)
        return decode(text, *rest, **options)

    monkeypatch.setattr(jwt, "decode", counted)
    assert [await asked(good, known) for _ in range(3)] == ["a", "a", "a"]
    assert checked == [good]


async def test_what_was_good_is_not_good_for_ever(clock: list[float]) -> None:
    known, good = Known(), token()
    assert await asked(good, known) == "a"
    known.ended.add("s")
    with pytest.raises(NotSignedIn, match="会话已结束"):
        await asked(good, known)
    known.ended.clear()
    clock[0] += 303
    with pytest.raises(NotSignedIn, match="已过期"):
        await asked(good, known)


async def test_a_key_that_was_withdrawn_or_replaced_signs_nothing(clock: list[float]) -> None:
    known, good = Known(), token()
    assert await asked(good, known) == "a"
    known.keys["k1"] = public(OTHER)
    with pytest.raises(NotSignedIn):
        await asked(good, known)
    known.keys.clear()
    with pytest.raises(NotSignedIn, match="未知"):
        await asked(good, known)


async def test_another_hand_or_another_text_is_checked_anew(clock: list[float]) -> None:
    known, good = Known(), token()
    assert await asked(good, known) == "a"
    head, body, signature = good.split(".")
    for forged in (token(OTHER), f"{head}.{token(sub='b').split('.')[1]}.{signature}", f"{head}.{body}."):
        with pytest.raises(NotSignedIn):
            await asked(forged, known)
    assert list(principals._signed) == [good]


async def test_no_more_signatures_are_kept_than_said(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    assert SIGNATURES_KEPT >= 1_000
    monkeypatch.setattr(principals, "SIGNATURES_KEPT", 3)
    known, tokens = Known(), [token(sid=f"s{n}") for n in range(5)]
    for one in tokens:
        await asked(one, known)
    await asked(tokens[2], known)
    await asked(token(sid="new"), known)
    assert list(principals._signed)[:2] == [tokens[4], tokens[2]]
