"""Is it up? Each question is asked in the part's own protocol, so a port that merely listens is not ready."""

from __future__ import annotations

import asyncio
import struct

from deploy.local.ports import HOST

_TIMEOUT = 2.0
# Metadata request, version 4: correlation 1, no client id, no topics, no creation.
_METADATA = struct.pack(">ihhihib", 15, 3, 4, 1, -1, 0, 0)
_PING = b"\x10ping\x00\x01\x00\x00\x00\x02$db\x00\x06\x00\x00\x00admin\x00\x00"
_OK = b"\x01ok\x00" + struct.pack("<d", 1.0)


async def _exchange(port: int, request: bytes, length_of_rest: str, counted: int) -> bytes:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(request)
        head = await reader.readexactly(4)
        (length,) = struct.unpack(length_of_rest, head)
        return await reader.readexactly(length - counted)
    finally:
        writer.close()


async def kafka(port: int) -> bool:
    """Whether the broker names at least one live broker in a metadata answer."""
    try:
        async with asyncio.timeout(_TIMEOUT):
            answer = await _exchange(port, _METADATA, ">i", 0)
    except (OSError, EOFError, TimeoutError):
        return False
    _correlation, _throttle, brokers = struct.unpack(">iii", answer[:12])
    return bool(brokers > 0)


async def store(port: int) -> bool:
    """Whether the store answers `ping` with ok."""
    document = struct.pack("<i", len(_PING) + 4) + _PING
    body = struct.pack("<ib", 0, 0) + document
    request = struct.pack("<iiii", 16 + len(body), 1, 0, 2013) + body
    try:
        async with asyncio.timeout(_TIMEOUT):
            answer = await _exchange(port, request, "<i", 4)
    except (OSError, EOFError, TimeoutError):
        return False
    return _OK in answer


async def http(port: int, path: str) -> int:
    """The status of a GET; 0 when there is no answer."""
    try:
        async with asyncio.timeout(_TIMEOUT):
            reader, writer = await asyncio.open_connection(HOST, port)
            try:
                request = f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nConnection: close\r\n\r\n"
                writer.write(request.encode())
                line = await reader.readline()
            finally:
                writer.close()
        return int(line.split()[1])
    except (OSError, EOFError, TimeoutError, IndexError, ValueError):
        return 0
