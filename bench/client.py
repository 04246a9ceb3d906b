"""A fast HTTP/1.1 client: what the load costs itself is taken from the cores that it measures."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any
from urllib.parse import urlsplit

import httptools
import msgspec

PATIENCE_SECONDS = 60.0
Headers = dict[str, str]


class Gone(ConnectionError):
    """The other side closed or broke the connection before it had answered."""


class Answer(msgspec.Struct, frozen=True):
    """Names of headers are in lower case."""

    status: int
    headers: Headers
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def good(self) -> bool:
        return self.status < 400

    @property
    def code(self) -> str:
        """The problem's stable code."""
        try:
            return str(self.json()["code"])
        except (msgspec.DecodeError, KeyError, TypeError):
            return f"http-{self.status}"


class Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self) -> None:
        self.alive, self.used = True, 0
        self._parser = httptools.HttpResponseParser(self)
        self._waiting: asyncio.Future[Answer] | None = None
        self._headers: Headers = {}
        self._body: list[bytes] = []
        self._transport: asyncio.Transport | None = None

    async def ask(self, request: bytes) -> Answer:
        assert self._transport is not None and self._waiting is None
        self._waiting = asyncio.get_running_loop().create_future()
        self._headers, self._body = {}, []
        self.used += 1
        self._transport.write(request)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self._waiting
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self.alive = False
        if self._transport is not None:
            self._transport.abort()

    # asyncio's and the parser's calls.

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.close()

    def connection_lost(self, _: Exception | None) -> None:
        self.alive = False
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(Gone("the connection was closed before the answer"))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, part: bytes) -> None:
        self._body.append(part)

    def on_message_complete(self) -> None:
        waiting, self._waiting = self._waiting, None
        if not self._parser.should_keep_alive():
            self.alive = False
        if waiting is not None and not waiting.done():
            waiting.set_result(Answer(self._parser.get_status_code(), self._headers, b"".join(self._body)))


class Client:
    """Connections to one origin (`http://host:port`), kept open; at most `most`, who finds none waits in line."""

    def __init__(self, origin: str, most: int = 256) -> None:
        split = urlsplit(origin)
        self.origin, self._host, self._port = origin, split.hostname or "", split.port or 443
        self._secure = split.scheme == "https"
        self._line = f" HTTP/1.1\r\nHost: {split.netloc}\r\n".encode()
        self._idle: deque[Connection] = deque()
        self._room = asyncio.Semaphore(most)

    async def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    async def ask(self, method: str, path: str, headers: Headers | None = None, body: Any = None) -> Answer:
        """`body` is encoded as JSON unless it is bytes already. Raises OSError when the origin does not answer."""
        content = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        given = {"Content-Type": "application/json", **(headers or {})} if content else headers or {}
        lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        head = f"{method} {path}".encode() + self._line + lines.encode("latin-1")
        request = head + f"Content-Length: {len(content)}\r\n\r\n".encode() + content
        async with self._room:
            return await self._ask(request)

    async def _ask(self, request: bytes) -> Answer:
        while self._idle:
            connection = self._idle.pop()
            if not connection.alive:
                continue
            try:
                return await self._on(connection, request)
            except Gone:
                # It was closed for having been idle. Every command has its key: sent twice it happens once.
                continue
        made = await asyncio.get_running_loop().create_connection(
            Connection, self._host, self._port, ssl=True if self._secure else None
        )
        return await self._on(made[1], request)

    async def _on(self, connection: Connection, request: bytes) -> Answer:
        answer = await connection.ask(request)
        if connection.alive:
            self._idle.append(connection)
        return answer
