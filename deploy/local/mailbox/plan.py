"""The mailbox as a part of the stack, and what identity is told of it."""

from __future__ import annotations

import os

from deploy.local import probes
from deploy.local.part import Plan
from deploy.local.ports import HOST
from deploy.local.run import ROOT, module

NAME, SMTP = "mailbox", "mailbox-smtp"
KEY_ID = "local"


def settings(http_port: int, smtp_port: int, secret: str) -> dict[str, str]:
    """Identity's settings that lead here."""
    return {
        "TIDU_SMS": "http",
        "TIDU_SMS_URL": f"http://{HOST}:{http_port}/sms",
        "TIDU_SMS_KEY_ID": KEY_ID,
        "TIDU_SMS_SECRET": secret,
        "TIDU_MAIL_HOST": HOST,
        "TIDU_MAIL_PORT": str(smtp_port),
        "TIDU_MAIL_SECURITY": "none",
        "TIDU_MAIL_FROM": "tidu@example.com",
    }


def plan(http_port: int, smtp_port: int, secret: str) -> Plan:
    """How it runs; ready when its page answers."""

    async def ready() -> bool:
        return await probes.http(http_port, "/healthz") == 200

    env = {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "MALLOC_ARENA_MAX": "1",
        "MAILBOX_HTTP_PORT": str(http_port),
        "MAILBOX_SMTP_PORT": str(smtp_port),
        "TIDU_SMS_KEY_ID": KEY_ID,
        "TIDU_SMS_SECRET": secret,
    }
    return Plan(
        name=NAME, command=module("deploy.local.mailbox"), env=env, cwd=ROOT, ready=ready, port=http_port, attempts=3
    )
