"""Whoever is not signed in keeps few waiting, and not for long."""

import asyncio
import time
from base64 import urlsafe_b64encode
from types import SimpleNamespace
from typing import Any, cast

import pytest

from libs.events.visibility import NotYetVisible
from libs.events.web import desk, principals


def runtime(seconds: float) -> Any:
    async def read_after(service: str, shard: int, position: int, *, states: bool) -> None:
        await asyncio.sleep(seconds)

    return SimpleNamespace(settings=SimpleNamespace(shards=6), read_after=read_after)


async def test_a_stranger_waits_a_second_at_most() -> None:
    began = time.monotonic()
    with pytest.raises(NotYetVisible):
        await desk._wait_briefly(runtime(30), "review/1/1")
    assert time.monotonic() - began < 3


async def test_only_a_few_strangers_wait_at_once() -> None:
    waiting = [desk._wait_briefly(runtime(0.2), "review/1/1") for _ in range(20)]
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert sum(isinstance(one, NotYetVisible) for one in found) == 12
    await desk._wait_briefly(runtime(0), "review/1/1")


async def test_only_a_few_tokens_of_unknown_keys_wait_at_once() -> None:
    waited: list[str] = []

    async def key(kid: str) -> None:
        waited.append(kid)
        await asyncio.sleep(0.1)

    follower = cast(Any, SimpleNamespace(keys={}, key=key))
    token = urlsafe_b64encode(b'{"kid":"nobodys"}').decode() + ".e30.x"
    asked = [principals.principal_of(token, follower, "test") for _ in range(20)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(one, principals.NotSignedIn) for one in found)
    assert len(waited) == 8
