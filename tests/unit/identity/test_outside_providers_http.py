"""Providers as they are in life: they change their keys, go away in the middle, are slow, say too much or nonsense."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

import pytest
from joserfc.jwk import KeySet, RSAKey

from services.identity.outside import discovery
from services.identity.outside.fetching import LONGEST_ANSWER, ProviderUnavailable, ask
from tests.unit.identity.abroad import NAME, Abroad, Traveller, abroad, configured, provider, story_with
from tests.unit.identity.kit import NOW
from tests.unit.identity.shell import open_stage

OLD = KeySet([RSAKey.generate_key(2048, {"kid": "old"})])
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


async def back_with(place: Abroad, keys: KeySet, since: float) -> tuple[int, str]:
    """What our callback says when these keys were kept since then."""
    browser: Traveller = place.traveller()
    address = await browser.at_provider(await browser.to_provider(), "zhang")
    known = discovery._known[place.issuer]
    known.keys, known.keys_since = keys, since
    answer = await browser.back(address)
    return answer.status_code, answer.json()["reason"] if answer.status_code == 401 else ""


@abroad()
async def test_newer_keys_are_looked_for_but_not_at_every_token(place: Abroad) -> None:
    now = time.monotonic()
    without_id = KeySet([RSAKey.generate_key(2048, auto_kid=False)])
    for keys in (OLD, without_id):
        assert await back_with(place, keys, now - discovery.KEYS_AGAIN_SECONDS - 1) == (303, "")
    assert (await back_with(place, OLD, time.monotonic()))[0] == 401


def test_a_provider_that_goes_away_in_the_middle_leaves_the_other_way_in() -> None:
    with ExitStack() as open_:
        issuer = open_.enter_context(provider())

        async def story(place: Abroad) -> None:
            browser = place.traveller()
            address = await browser.at_provider(await browser.to_provider(), "zhang")
            await asyncio.to_thread(open_.close)
            answer = await browser.back(address)
            assert (answer.status_code, answer.json()["code"]) == (503, "identity.provider-unavailable")
            assert "登录名和密码" in answer.json()["way_out"]

        story_with(story, issuer)


def test_over_https_the_flows_cookie_is_this_hosts_alone() -> None:
    async def story(issuer: str) -> str:
        stage = await open_stage(NOW, origin="https://tidu.example", oidc_providers={NAME: configured(issuer)})
        answer = await stage.browser().http.get(f"/providers/{NAME}/sign-in")
        assert "redirect_uri=https%3A%2F%2Ftidu.example%2Fapi%2Fidentity%2Fproviders" in answer.headers["location"]
        return answer.headers["set-cookie"]

    with provider() as issuer:
        cookie = asyncio.run(story(issuer))
    assert cookie.startswith("__Host-tidu_flow_test=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; ")) and "Domain" not in cookie


async def _huge(to: asyncio.StreamWriter) -> None:
    to.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{" + b" " * (LONGEST_ANSWER + 1) + b"}")


async def _slow(to: asyncio.StreamWriter) -> None:
    to.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{")
    while not to.is_closing():
        to.write(b" ")
        await to.drain()
        await asyncio.sleep(0.05)


async def _moved(to: asyncio.StreamWriter) -> None:
    to.write(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 2\r\n\r\n{}")


async def _no_object(to: asyncio.StreamWriter) -> None:
    to.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")


async def _no_json(to: asyncio.StreamWriter) -> None:
    to.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n<!")


async def _nothing(to: asyncio.StreamWriter) -> None:
    return


async def asked(answer: Answer, seconds: float) -> int:
    async def serve(of: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        try:
            await of.readuntil(b"\r\n\r\n")
            await answer(to)
            await to.drain()
        except ConnectionError:
            pass
        finally:
            to.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        return (await ask("GET", url, seconds, {}))[0]


@pytest.mark.parametrize(
    ("answer", "seconds"), [(_huge, 30.0), (_slow, 0.5), (_no_object, 30.0), (_no_json, 30.0), (_nothing, 30.0)]
)
async def test_what_a_provider_should_not_answer_is_as_if_it_were_away(answer: Answer, seconds: float) -> None:
    with pytest.raises(ProviderUnavailable):
        await asked(answer, seconds)


async def test_no_redirect_of_a_provider_is_followed() -> None:
    assert await asked(_moved, 30.0) == 302
