"""Accounts as the platform's administrators see them; personal values stay sealed."""

from typing import Any

import msgspec

from libs.events.contracts.accounts import PersonVerified
from libs.events.contracts.identity import (
    AccountRegistered,
    PhoneChanged,
    RealNameRefused,
    RealNameRequested,
    RealNameVerified,
)
from libs.events.contracts.times import time_text
from libs.events.recorded import Recorded

NAME = "accounts"
VERSION = 2
SOURCES = ("identity",)
HANDLES = (AccountRegistered, RealNameRequested, RealNameVerified, RealNameRefused, PersonVerified, PhoneChanged)
INDEXES = (("enterprise",), ("credit_code",), ("real_name", "-registered_at"), ("-registered_at",))


def key(event: Recorded[Any]) -> str:
    return str(event.data.account)


def apply(document: dict[str, Any] | None, event: Recorded[Any]) -> dict[str, Any] | None:
    now = document or {}
    match event.data:
        case AccountRegistered() as data:
            return {
                "account": data.account,
                "kind": data.kind,
                "registered_at": time_text(data.received_at),
                "real_name": "未实名",
                "enterprise": None,
                "credit_code": None,
                "name": None,
                "reasons": [],
                "phone": msgspec.to_builtins(data.phone),
                "login": msgspec.to_builtins(data.login),
            }
        case RealNameRequested():
            return {**now, "reasons": []}
        case RealNameVerified() as data:
            return {
                **now,
                "real_name": "已实名",
                "enterprise": data.enterprise,
                "credit_code": data.credit_code,
                "name": data.name,
                "verified_at": time_text(data.received_at),
            }
        case PersonVerified():
            return {**now, "real_name": "已实名"}
        case RealNameRefused() as data:
            return {**now, "reasons": list(data.reasons)}
        case PhoneChanged() as data:
            return {**now, "phone": msgspec.to_builtins(data.phone)}
        case _:
            return document
