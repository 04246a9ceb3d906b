"""Request bodies have a limit: 1 MiB, 24 MiB for files; over it 413 before anything is read into memory."""

from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.events.web.problems import problem

JSON_LIMIT = 1024 * 1024
FILE_LIMIT = 24 * 1024 * 1024


class _Exceeded(Exception):
    pass


class BodyLimit:
    """ASGI middleware; counts what really arrives, whatever Content-Length says."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        limit = FILE_LIMIT if headers.get(b"content-type", b"").startswith(b"multipart/") else JSON_LIMIT
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            await self._refuse(limit, scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _Exceeded
            return message

        started = False

        async def answered(message: Message) -> None:
            # A framework that turns the exception into an answer of its own must not be believed.
            nonlocal started
            if seen <= limit or started:
                started = True
                await send(message)

        with suppress(_Exceeded):
            await self.app(scope, counted, answered)
        if seen > limit and not started:
            await self._refuse(limit, scope, receive, send)

    @staticmethod
    async def _refuse(limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        answer = problem(413, "platform.too-large", "请求过大", f"上限为 {limit // 1024 // 1024} MB")
        await answer(scope, receive, send)
