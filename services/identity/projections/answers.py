"""Answers that are due: what the sender looks for, and what became of each."""

from typing import Any

import msgspec

from libs.events.contracts.accounts import AnswerDue, AnswerSent
from libs.events.contracts.times import time_text
from libs.events.recorded import Recorded

NAME = "answers"
VERSION = 1
SOURCES = ("identity",)
HANDLES = (AnswerDue, AnswerSent)
INDEXES = (("open", "due"), ("check",))


def key(event: Recorded[Any]) -> str:
    return str(event.data.answer)


def apply(document: dict[str, Any] | None, event: Recorded[Any]) -> dict[str, Any] | None:
    match event.data:
        case AnswerDue() as data:
            wanted = [name for name, value in (("sms", data.phone), ("email", data.email)) if value is not None]
            return {
                "answer": data.answer,
                "about": data.about,
                "account": data.account,
                "check": data.check,
                "due": time_text(data.received_at),
                "open": wanted[0] if wanted else "",
                "left": wanted,
                "outcomes": {},
                "phone": msgspec.to_builtins(data.phone),
                "email": msgspec.to_builtins(data.email),
                "login": msgspec.to_builtins(data.login),
                "reasons": list(data.reasons),
            }
        case AnswerSent() as data if document is not None:
            left = [name for name in document["left"] if name != data.channel]
            outcomes = {**document["outcomes"], data.channel: data.outcome}
            return {**document, "left": left, "open": left[0] if left else "", "outcomes": outcomes}
        case _:
            return document
