"""A service from its arguments to its server."""

import argparse
import gc
import signal
from importlib import import_module
from pathlib import Path
from typing import get_args

import uvicorn

from libs.events import clock, points
from libs.events.observe import configure_logging
from libs.events.runtime import Role, Runtime
from libs.events.service import Service
from libs.events.web.app import make_app


def serve(name: str) -> None:
    parser = argparse.ArgumentParser(prog=f"python -m services.{name}")
    parser.add_argument("role", choices=get_args(Role), nargs="?", default="all")
    role: Role = parser.parse_args().role
    service: Service = import_module(f"services.{name}.app").service
    settings = service.settings()
    configure_logging(name, settings.log_level)
    if settings.points:
        points.arm(points.killer(Path(settings.points)))
    if settings.wall_step:
        clock.step_wall(clock.told_by(Path(settings.wall_step)))
    runtime = Runtime(service, settings, role)
    runtime.on_defect = lambda: signal.raise_signal(signal.SIGTERM)
    app = make_app(runtime)
    gc.freeze()
    gc.enable()
    uvicorn.run(
        app, host=settings.http_host, port=settings.http_port, loop="uvloop", http="httptools", log_config=None,
        access_log=False, timeout_graceful_shutdown=5, server_header=False, date_header=False,
    )  # fmt: skip
