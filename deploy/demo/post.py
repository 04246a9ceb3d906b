"""Codes as a person reads them: from the local mailbox, where the stack's SMS and e-mail arrive."""

import asyncio
import re
import time
from typing import Any

import httpx

from deploy.demo.client import Refusal, User

PATIENCE_SECONDS = 5.0
_CODE = re.compile(r"(?<!\d)(\d{6})(?!\d)")


class Post:
    """Somebody's phone and mailbox."""

    def __init__(self, gateway: str) -> None:
        self._http = httpx.AsyncClient(base_url=gateway, timeout=10)

    async def close(self) -> None:
        await self._http.aclose()

    async def texts(self, to: str) -> list[str]:
        """What has arrived for a number (`+86…`) or an address, oldest first."""
        # Asked for whole: an address in a URL would end up in somebody's log.
        answer = await self._http.get("/mailbox/messages.json")
        if answer.is_error:
            return []
        return [str(one["text"]) for one in answer.json()["messages"] if one["to"] == to]

    async def wait_for(self, to: str, words: str, seconds: float = PATIENCE_SECONDS) -> str | None:
        """The newest text with these words, as soon as there is one."""
        until = time.monotonic() + seconds
        while True:
            found = [text for text in await self.texts(to) if words in text]
            if found or time.monotonic() > until:
                return found[-1] if found else None
            await asyncio.sleep(0.05)

    async def code(self, user: User, purpose: str, **asked: Any) -> dict[str, str] | None:
        """Ask for a code and read it; None when none comes (a service was just restarted, a limit was reached)."""
        to = str(asked.get("email") or f"+86{asked['phone']}")
        seen = len(await self.texts(to))
        try:
            given = await user.post("/identity/codes", {"purpose": purpose, **asked})
        except Refusal:
            return None
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            for text in (await self.texts(to))[seen:]:
                if found := _CODE.search(text):
                    return {"challenge": str(given["challenge"]), "code": found[1]}
            await asyncio.sleep(0.05)
        return None
