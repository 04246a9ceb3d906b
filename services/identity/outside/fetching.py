"""Asking a provider: within its time, no redirects followed, no more read than a document of this kind can need."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec

from libs.events.errors import Refused

LONGEST_ANSWER = 256 * 1024


class ProviderUnavailable(Refused):
    code = "identity.provider-unavailable"
    title = "统一登录暂时不可用"
    status = 503


def unavailable() -> ProviderUnavailable:
    return ProviderUnavailable(way_out="请稍后再试；也可用登录名和密码登录，两者不受影响")


async def ask(
    method: str, url: str, seconds: float, headers: Mapping[str, str], body: str = ""
) -> tuple[int, dict[str, Any]]:
    """The status and the JSON object of the answer. Raises ProviderUnavailable."""
    try:
        async with asyncio.timeout(seconds):
            async with httpx.AsyncClient(timeout=seconds, verify=url.startswith("https:")) as http:
                async with http.stream(method, url, headers=dict(headers), content=body) as answer:
                    return answer.status_code, msgspec.json.decode(await _read(answer), type=dict[str, Any])
    except (httpx.HTTPError, TimeoutError, msgspec.DecodeError) as error:
        raise unavailable() from error


async def _read(answer: httpx.Response) -> bytes:
    read = bytearray()
    async for part in answer.aiter_bytes():
        read += part
        if len(read) > LONGEST_ANSWER:
            raise unavailable()
    return bytes(read)
