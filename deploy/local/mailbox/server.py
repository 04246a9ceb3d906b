"""The mailbox as a small server: SMTP on one port; on the other the SMS gateway, the page and its JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import h11
from aiosmtpd.smtp import SMTP

from deploy.local.mailbox.gateway import SmsGateway
from deploy.local.mailbox.letters import Letters, MailHandler
from deploy.local.mailbox.page import render

LARGEST = 64 * 1024
_JSON, _HTML = "application/json", "text/html; charset=utf-8"
Content = tuple[int, str, bytes]


@dataclass(frozen=True)
class Mailbox:
    """A running one, as tests in the same process use it."""

    letters: Letters
    gateway: SmsGateway
    http_port: int
    smtp_port: int


@asynccontextmanager
async def mailbox(host: str, key_id: str, secret: str, http: int = 0, smtp: int = 0) -> AsyncIterator[Mailbox]:
    """Ports 0: free ones."""
    letters = Letters()
    gateway = SmsGateway(letters, key_id, secret)
    loop = asyncio.get_running_loop()
    mail = await loop.create_server(
        lambda: SMTP(MailHandler(letters), loop=loop, hostname="mailbox", decode_data=False), host, smtp
    )
    pages = _Web(letters, gateway)
    web = await asyncio.start_server(pages.serve, host, http)
    try:
        yield Mailbox(letters, gateway, web.sockets[0].getsockname()[1], mail.sockets[0].getsockname()[1])
    finally:
        for server in (web, mail):
            server.close()
        await pages.hang_up()


class _Web:
    def __init__(self, letters: Letters, gateway: SmsGateway) -> None:
        self._letters, self._gateway = letters, gateway
        self._open: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}

    async def hang_up(self) -> None:
        """Close what is kept alive, and wait for it."""
        tasks = [task for task in self._open.values() if task is not None]
        for writer in list(self._open):
            writer.close()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        self._open[writer] = asyncio.current_task()
        with suppress(h11.RemoteProtocolError, ConnectionError, TimeoutError):
            while await self._one(connection, reader, writer):
                connection.start_next_cycle()
        self._open.pop(writer, None)
        writer.close()

    async def _one(
        self, connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request; whether another may follow on the connection."""
        request, body = None, b""
        while not isinstance(event := connection.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                connection.receive_data(await asyncio.wait_for(reader.read(LARGEST), 60))
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            else:
                return False
            if len(body) > LARGEST:
                return False
        assert request is not None
        status, type_, content = self._answer(request, body)
        headers = [
            ("Content-Type", type_), ("Content-Length", str(len(content))), ("Cache-Control", "no-store"),
            ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
            ("X-Content-Type-Options", "nosniff"),
        ]  # fmt: skip
        for event_ in (h11.Response(status_code=status, headers=headers), h11.Data(content), h11.EndOfMessage()):
            writer.write(connection.send(event_) or b"")
        await writer.drain()
        return connection.our_state is h11.DONE and connection.their_state is h11.DONE

    def _answer(self, request: h11.Request, body: bytes) -> Content:
        address = urlsplit(request.target.decode("latin-1"))
        match request.method, address.path.rstrip("/"):
            case b"POST", "/sms":
                headers = {name.decode().lower(): value.decode("latin-1") for name, value in request.headers}
                status, told = self._gateway.take(headers, body)
                return status, _JSON, json.dumps(told).encode()
            case b"GET", "/mailbox":
                return 200, _HTML, render(self._letters.found()).encode()
            case b"GET", "/mailbox/messages.json":
                asked = parse_qs(address.query)
                found = self._letters.found(asked.get("to", [""])[0], int(asked.get("after", ["0"])[0] or 0))
                return 200, _JSON, json.dumps({"messages": found}, ensure_ascii=False).encode()
            case b"GET", "/healthz":
                return 200, _JSON, b"{}"
            case _:
                return 404, _JSON, b'{"reason": "not-found"}'
