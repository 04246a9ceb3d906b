"""Malware scanning behind a port: clamd where one is set, signatures kept here for trials, else the state says so."""

import asyncio
import struct
from base64 import b64decode
from typing import Literal, Protocol

from libs.events.errors import Transient
from libs.events.settings import KernelSettings
from services.identity.settings import Settings

Verdict = Literal["clean", "infected", "not-scanned"]
_CHUNK = 64 * 1024
# The EICAR test file, backwards and in base64, so that no scanner takes this module for it.
_EICAR = b64decode("KkgrSCQhRUxJRi1UU0VULVNVUklWSVROQS1EUkFETkFUUy1SQUNJRSR9NylDQzcpXlAoNDVYWlBcNFtQQUAlUCFPNVg=")[::-1]


class ScannerDown(Transient):
    """The scanner that is set does not answer: nothing is taken as clean."""


class Scanner(Protocol):
    async def scan(self, content: bytes) -> Verdict:
        """Raises ScannerDown."""


class NoScanner:
    async def scan(self, content: bytes) -> Verdict:
        return "not-scanned"


class Signatures:
    """Byte patterns; enough to try the way of an infected file."""

    def __init__(self, patterns: tuple[bytes, ...] = (_EICAR,)) -> None:
        self._patterns = patterns

    async def scan(self, content: bytes) -> Verdict:
        return "infected" if any(pattern in content for pattern in self._patterns) else "clean"


class Clamd:
    """clamd's INSTREAM over TCP: chunks with a length of four bytes, a zero length at the end."""

    def __init__(self, host: str, port: int, timeout_seconds: float) -> None:
        self._host, self._port, self._timeout = host, port, timeout_seconds

    async def scan(self, content: bytes) -> Verdict:
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._ask(content)
        except (OSError, TimeoutError) as error:
            raise ScannerDown("the malware scanner does not answer") from error
        if answer.endswith("OK"):
            return "clean"
        if answer.endswith("FOUND"):
            return "infected"
        raise ScannerDown("the malware scanner did not scan")

    async def _ask(self, content: bytes) -> str:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            writer.write(b"zINSTREAM\0")
            for at in range(0, len(content), _CHUNK):
                chunk = content[at : at + _CHUNK]
                writer.write(struct.pack("!L", len(chunk)) + chunk)
                await writer.drain()
            writer.write(struct.pack("!L", 0))
            await writer.drain()
            return (await reader.readuntil(b"\0"))[:-1].decode(errors="replace").strip()
        except asyncio.IncompleteReadError as error:
            raise OSError("clamd hung up") from error
        finally:
            writer.close()


def scanner_of(settings: KernelSettings) -> Scanner:
    assert isinstance(settings, Settings)
    match settings.scanner:
        case "clamd":
            return Clamd(settings.clamd_host, settings.clamd_port, settings.channel_timeout_seconds * 4)
        case "signatures":
            return Signatures()
        case _:
            return NoScanner()
