"""A TCP link that can be slow, cut, or silently dead: no privileges needed, bytes are never changed."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress

HOST = "127.0.0.1"
PIECE = 64 * 1024
_RESET = struct.pack("ii", 1, 0)


class Link:
    """One connection through the proxy; `holed` once bytes of it were swallowed: it can never go on."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.ends = (near, far)
        self.holed = False

    def reset(self) -> None:
        """Both ends see RST, as when a machine on the way loses its table."""
        for end in self.ends:
            with suppress(OSError):
                end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            end.transport.abort()


class Proxy:
    """`async with Proxy(port, target) as link`; both are ports of this machine.

    - `latency`: seconds that every piece is late, each way; `rate`: bytes per second and direction, 0 for no limit
    - `cut()`: connections are reset, new ones too; `deafen()`: bytes vanish, nobody is told; `mend()`: as before
    """

    def __init__(self, port: int, target: int) -> None:
        self.port, self.target = port, target
        self.latency = self.rate = 0.0
        self.refusing = self.deaf = False
        self.accepted = self.passed = self.swallowed = 0
        self._links: set[Link] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._accept, HOST, self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        while self._links:
            await asyncio.sleep(0.01)

    def cut(self) -> None:
        self.refusing = True
        for link in self._links:
            link.reset()

    def deafen(self) -> None:
        self.deaf = True

    def mend(self) -> None:
        """Full speed again; what lost bytes is reset, for a stream with a hole in it would be another fault."""
        self.latency = self.rate = 0.0
        self.refusing = self.deaf = False
        for link in self._links:
            if link.holed:
                link.reset()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self.target)
        except OSError:
            writer.transport.abort()
            return
        link = Link(writer, far_writer)
        self.accepted += 1
        if self.refusing:
            link.reset()
            return
        self._links.add(link)
        try:
            await asyncio.gather(self._carry(link, reader, far_writer), self._carry(link, far_reader, writer))
        finally:
            self._links.discard(link)
            for end in link.ends:
                end.close()

    async def _carry(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One direction: read at once, delivered late; the end of one side is told to the other."""
        late: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=256)
        deliver = asyncio.create_task(self._deliver(link, late, writer))
        clock = asyncio.get_running_loop().time
        with suppress(ConnectionError):
            while data := await reader.read(PIECE):
                await late.put((clock() + self.latency, data))
        await late.put((0.0, b""))
        await deliver

    async def _deliver(
        self, link: Link, late: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due, data = await late.get()
            if not data:
                if not link.holed:
                    writer.close()
                return
            await asyncio.sleep(max(0.0, due - clock()))
            if self.deaf or link.holed:
                link.holed = True
                self.swallowed += len(data)
                continue
            if self.rate:
                await asyncio.sleep(len(data) / self.rate)
            self.passed += len(data)
            with suppress(ConnectionError):
                writer.write(data)
                await writer.drain()
