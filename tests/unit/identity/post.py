"""A stage whose SMS and e-mail really arrive: the local mailbox beside it, on free ports."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from deploy.local.mailbox.server import Mailbox, mailbox
from services.identity import sending, telling
from tests.unit.identity.kit import NOW
from tests.unit.identity.shell import Browser, Stage, open_stage
from tests.unit.identity.stories import wall_of

KEY_ID, SECRET = "tests", "a-secret-of-tests-0123456789"
CODE = re.compile(r"(?<!\d)(\d{6})(?!\d)")


class Post:
    """What arrived at the mailbox, and the stage it came from."""

    def __init__(self, stage: Stage, box: Mailbox) -> None:
        self.stage, self.box = stage, box
        self._browser = stage.browser("10.0.9.9")

    async def to(self, address: str) -> list[str]:
        """Texts that have arrived for somebody, oldest first."""
        await self.delivered()
        return [letter["text"] for letter in self.box.letters.found(address)]

    async def delivered(self) -> None:
        await sending.settled()
        while await telling.tell_once(self.stage.runtime):
            await self.stage.runtime.settle()

    async def code(self, purpose: str, **asked: Any) -> dict[str, str]:
        """Ask for a code, read it from the phone or mailbox: what a request carries to show that one has it."""
        answer = await self._browser.post("/codes", {"purpose": purpose, **asked})
        assert answer.status_code == 202, answer.text
        address = asked.get("email") or "+86" + asked["phone"]
        found = CODE.search([text for text in await self.to(address) if "验证码" in text][-1])
        assert found is not None
        return {"challenge": answer.json()["challenge"], "code": found[1]}

    def pass_seconds(self, seconds: float) -> None:
        self.stage.wall.pass_seconds(seconds)

    def browser(self, address: str = "10.0.0.1") -> Browser:
        return self.stage.browser(address)


Story = Callable[[Post], Awaitable[None]]


def with_post(story: Story) -> Callable[[], None]:
    """Run a story on a fresh deployment with a mailbox."""

    def test() -> None:
        async def run() -> None:
            async with mailbox("127.0.0.1", KEY_ID, SECRET) as box:
                stage = await open_stage(
                    NOW, sms="http", sms_url=f"http://127.0.0.1:{box.http_port}/sms", sms_key_id=KEY_ID,
                    sms_secret=SECRET, mail_host="127.0.0.1", mail_port=box.smtp_port, mail_security="none",
                    mail_from="tidu@example.com", channel_timeout_seconds=2.0,
                )  # fmt: skip
                with wall_of(stage):
                    await story(Post(stage, box))
                await sending.settled()

        asyncio.run(run())

    test.__name__, test.__doc__ = story.__name__, story.__doc__
    return test
