"""What has arrived, newest last; kept in memory, and only so much of it."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import asdict, dataclass
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

MOST = 500


@dataclass(frozen=True)
class Letter:
    """One SMS or e-mail; `at` is wall time in seconds."""

    n: int
    channel: str
    to: str
    subject: str
    text: str
    at: float


class Letters:
    def __init__(self) -> None:
        self._letters: deque[Letter] = deque(maxlen=MOST)
        self._n = 0

    def add(self, channel: str, to: str, subject: str, text: str) -> Letter:
        self._n += 1
        letter = Letter(self._n, channel, to, subject, text, time.time())
        self._letters.append(letter)
        return letter

    def found(self, to: str = "", after: int = 0) -> list[dict[str, Any]]:
        """Those to one address (or all), beyond a number; oldest first."""
        return [asdict(one) for one in self._letters if one.n > after and to in ("", one.to)]


class MailHandler:
    """Takes what the SMTP server was given; addresses at `refused.example` have no box here."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.endswith("@refused.example"):
            return "550 no such box"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        mail = message_from_bytes(content if isinstance(content, bytes) else b"", policy=policy.default)
        body = mail.get_body(("plain",))
        text = str(body.get_content()) if body is not None else ""
        for address in envelope.rcpt_tos:
            self._letters.add("email", address, str(mail["Subject"] or ""), text.replace("\r\n", "\n").strip())
        return "250 OK"
