"""A real Chromium without a window, spoken to over the DevTools pipe; its virtual authenticator is a security key."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

LARGEST_MESSAGE = 2**24
# Descriptors 3 and 4 are where Chromium looks (bash, because a plain sh knows no descriptor above 9).
SHELL = 'exec "$@" 3<&{} 4>&{}'
FLAGS = ("--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--no-first-run", "--disable-background-networking", "--disable-component-update")  # fmt: skip
KEY = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
ASK = """async (method, path, body, token) => {
  const headers = {"Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID()};
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(`/api/identity${path}`, {method, headers, body: body && JSON.stringify(body)});
  return {status: answer.status, body: await answer.json()};
}"""
CREATE = """async options => (await navigator.credentials.create(
  {publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options)})).toJSON()"""
GET = """async options => (await navigator.credentials.get(
  {publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options)})).toJSON()"""


class ScriptFailed(Exception):
    """What a script in a page threw."""


class Pipe:
    """DevTools commands, one at a time; events that nobody asked for are passed over."""

    def __init__(self, reader: asyncio.StreamReader, writer: Any) -> None:
        self._reader, self._writer, self._ids, self._turn = reader, writer, count(1), asyncio.Lock()

    async def __call__(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        id_ = next(self._ids)
        message = {"id": id_, "method": method, "params": params, **({"sessionId": session} if session else {})}
        async with self._turn, asyncio.timeout(60):
            self._writer.write(json.dumps(message).encode() + b"\0")
            while (answer := await self._next()).get("id") != id_:
                pass
        if "error" in answer:
            raise ScriptFailed(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    async def _next(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((await self._reader.readuntil(b"\0"))[:-1])
        return found


class Page:
    """A page in cookies of its own, with a security key plugged in."""

    def __init__(self, pipe: Pipe, session: str, key: str) -> None:
        self._pipe, self._session, self._key = pipe, session, key
        self.token = ""

    async def open(self, url: str) -> None:
        await self._pipe("Page.navigate", self._session, url=url)
        loaded = "new Promise(done => document.readyState == 'complete' ? done() : addEventListener('load', done))"
        await self._evaluate(loaded)
        assert await self._evaluate("location.href") == url

    async def run(self, function: str, *given: Any) -> Any:
        """What an asynchronous function of the page comes to. Raises ScriptFailed."""
        return await self._evaluate(f"({function})({', '.join(map(json.dumps, given))})")

    async def _evaluate(self, expression: str) -> Any:
        options = {"expression": expression, "awaitPromise": True, "returnByValue": True, "userGesture": True}
        answer = await self._pipe("Runtime.evaluate", self._session, **options)
        if "exceptionDetails" in answer:
            raise ScriptFailed(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and content of what the page's own fetch is answered."""
        answer = await self.run(ASK, method, path, body, self.token)
        return answer["status"], answer["body"]

    async def create(self, options: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = await self.run(CREATE, options)
        return made

    async def sign(self, options: dict[str, Any]) -> dict[str, Any]:
        signed: dict[str, Any] = await self.run(GET, options)
        return signed

    async def carry_key_to(self, other: "Page") -> None:
        """The same key at another machine: its private key and its counter."""
        [held] = (await self._pipe("WebAuthn.getCredentials", self._session, authenticatorId=self._key))["credentials"]
        await other._pipe("WebAuthn.addCredential", other._session, authenticatorId=other._key, credential=held)


class Chromium:
    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe

    async def page(self, url: str) -> Page:
        context = (await self._pipe("Target.createBrowserContext"))["browserContextId"]
        target = (await self._pipe("Target.createTarget", url="about:blank", browserContextId=context))["targetId"]
        session = (await self._pipe("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        await self._pipe("WebAuthn.enable", session)
        key = (await self._pipe("WebAuthn.addVirtualAuthenticator", session, options=KEY))["authenticatorId"]
        page = Page(self._pipe, session, key)
        await page.open(url)
        return page


def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()


@asynccontextmanager
async def running(program: Path, folder: Path) -> AsyncIterator[Chromium]:
    """Chromium with an empty profile in `folder`, ended at the end."""
    commands, answers = os.pipe(), os.pipe()
    flags = [*FLAGS, f"--user-data-dir={folder}", "about:blank"]
    async with AsyncExitStack() as stack:
        with (folder / "stderr").open("wb") as stderr:
            process = await asyncio.create_subprocess_exec(
                "bash", "-c", SHELL.format(commands[0], answers[1]), "bash", str(program), *flags,
                pass_fds=(commands[0], answers[1]), stdout=stderr, stderr=stderr,
            )  # fmt: skip
        stack.push_async_callback(process.wait)
        stack.callback(_end, process)
        os.close(commands[0])
        os.close(answers[1])
        writer = stack.enter_context(os.fdopen(commands[1], "wb", 0))
        reader = asyncio.StreamReader(limit=LARGEST_MESSAGE)
        end = stack.enter_context(os.fdopen(answers[0], "rb"))
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, end)
        stack.callback(transport.close)
        yield Chromium(Pipe(reader, writer))
