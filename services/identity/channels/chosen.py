"""The channels that the settings name; one of each per process."""

import json
from functools import lru_cache
from typing import Literal

import httpx

from libs.events.settings import KernelSettings
from services.identity.channels.ports import Channel
from services.identity.channels.sms_http import HttpSms
from services.identity.channels.sms_tencent import TencentSms
from services.identity.channels.smtp import SmtpMail
from services.identity.settings import Settings

Name = Literal["sms", "email"]


def channel_of(settings: KernelSettings, name: Name) -> Channel | None:
    """None when the settings name none: whoever would need it is told so."""
    assert isinstance(settings, Settings)
    return _sms(*_sms_settings(settings)) if name == "sms" else _mail(*_mail_settings(settings))


def _sms_settings(settings: Settings) -> tuple[str, str, str, str, str, str, str, str, float]:
    return (
        settings.sms, settings.sms_url, settings.sms_key_id, settings.sms_secret.get_secret_value(), settings.sms_app,
        settings.sms_sign, settings.sms_region, settings.sms_templates, settings.channel_timeout_seconds,
    )  # fmt: skip


def _mail_settings(settings: Settings) -> tuple[str, int, str, str, str, str, float]:
    return (
        settings.mail_host, settings.mail_port, settings.mail_from, settings.mail_security, settings.mail_user,
        settings.mail_password.get_secret_value(), settings.channel_timeout_seconds,
    )  # fmt: skip


@lru_cache(maxsize=8)
def _sms(
    kind: str, url: str, key_id: str, secret: str, app: str, sign: str, region: str, templates: str, timeout: float
) -> Channel | None:
    if kind == "http":
        return HttpSms(url, key_id, secret, timeout)
    if kind == "tencent":
        known = {name: (id_, tuple(names)) for name, (id_, names) in json.loads(templates).items()}
        return TencentSms(key_id, secret, app, sign, region, known, httpx.AsyncClient(timeout=timeout))
    return None


@lru_cache(maxsize=8)
def _mail(host: str, port: int, sender: str, security: str, user: str, password: str, timeout: float) -> Channel | None:
    return SmtpMail(host, port, sender, security, user, password, timeout) if host else None
