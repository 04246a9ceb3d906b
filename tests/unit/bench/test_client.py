"""The fast client against a server that behaves badly."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bench.client import Client, Gone

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter, int], Awaitable[None]]
CREATED = b"HTTP/1.1 201 Created\r\nPosition: review/0/7\r\nContent-Length: 2\r\n\r\n{}"


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[Client]:
    """`serve` gets the number of the connection, from 1."""
    made = 0

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal made
        made += 1
        await serve(reader, writer, made)
        writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    client = Client(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield client
    finally:
        await client.close()
        server.close()


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length"))
    return head + await reader.readexactly(length)


async def test_request_and_answer_are_whole() -> None:
    seen = b""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, n: int) -> None:
        nonlocal seen
        seen = await read_request(reader)
        for part in (CREATED[:30], CREATED[30:]):
            writer.write(part)
            await writer.drain()

    async with serving(serve) as client:
        answer = await client.ask("POST", "/api/x", {"Idempotency-Key": "k"}, {"名": "称"})
    assert seen.startswith(b"POST /api/x HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"Idempotency-Key: k\r\n" in seen and seen.endswith('{"名":"称"}'.encode())
    assert (answer.status, answer.headers["position"], answer.json()) == (201, "review/0/7", {})


async def test_a_connection_is_used_again_and_replaced_when_it_was_closed_for_being_idle() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, n: int) -> None:
        for _ in range(2):
            await read_request(reader)
            writer.write(CREATED)
            await writer.drain()

    async with serving(serve) as client:
        for _ in range(5):  # two on each of three connections
            assert (await client.ask("POST", "/", None, {})).status == 201


async def test_who_breaks_off_before_the_answer_is_gone() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, n: int) -> None:
        await read_request(reader)

    async with serving(serve) as client:
        with pytest.raises(Gone):
            await client.ask("GET", "/")


async def test_chunks_are_put_together_and_a_problem_has_its_code() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, n: int) -> None:
        await read_request(reader)
        head = b"HTTP/1.1 409 Conflict\r\nTransfer-Encoding: chunked\r\n\r\n"
        writer.write(head + b'8\r\n{"code":\r\n6\r\n"a.b"}\r\n0\r\n\r\n')
        await writer.drain()

    async with serving(serve) as client:
        answer = await client.ask("GET", "/")
    assert (answer.good, answer.code) == (False, "a.b")
