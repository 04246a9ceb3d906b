"""Request bodies have a limit: 1 MiB, 24 MiB for files; over it 413, and nothing is kept in memory."""

from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.events.clock import BusinessClock
from libs.events.web.problems import problem

JSON_LIMIT = 1024 * 1024
FILE_LIMIT = 24 * 1024 * 1024
DRAINED = 3 * FILE_LIMIT
"""So much of a body that is refused is read and thrown away; who sends more loses the connection."""


RECEIVED = "tidu.received_at"


class ReceivedAt:
    """Business time is taken once, when a request arrives: neither a slow body nor waiting makes it later."""

    def __init__(self, app: ASGIApp, clock: BusinessClock) -> None:
        self.app, self._clock = app, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope[RECEIVED] = self._clock.now()
        await self.app(scope, receive, send)


class _Exceeded(Exception):
    pass


class _Incoming:
    """Counts what really arrives, whatever Content-Length says; over the limit whoever reads is stopped."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive, self._limit = receive, limit
        self._seen, self._more = 0, True

    @property
    def exceeded(self) -> bool:
        return self._seen > self._limit

    async def __call__(self) -> Message:
        message = await self._next()
        if self.exceeded:
            raise _Exceeded
        return message

    async def _next(self) -> Message:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        self._more = message["type"] == "http.request" and message.get("more_body", False)
        return message

    async def drain(self) -> None:
        """A client that is still sending would lose the answer: the gateway resets a connection that it cannot finish."""
        while self._more and self._seen < DRAINED:
            await self._next()


class BodyLimit:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        limit = FILE_LIMIT if headers.get(b"content-type", b"").startswith(b"multipart/") else JSON_LIMIT
        incoming, started = _Incoming(receive, limit), False

        async def answered(message: Message) -> None:
            # A framework that turns the exception into an answer of its own must not be believed.
            nonlocal started
            if not incoming.exceeded or started:
                started = True
                await send(message)

        declared = headers.get(b"content-length", b"0")
        too_large = declared.isdigit() and int(declared) > limit
        if not too_large:
            with suppress(_Exceeded):
                await self.app(scope, incoming, answered)
        if (too_large or incoming.exceeded) and not started:
            await incoming.drain()
            answer = problem(413, "platform.too-large", "请求过大", f"上限为 {limit // 1024 // 1024} MB")
            await answer(scope, receive, send)
