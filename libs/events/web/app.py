"""The HTTP side of a service: its routers under /api/<service>, health and figures beside them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from prometheus_client import generate_latest
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from libs.events.runtime import Runtime
from libs.events.web import accesses, docs, health, openapi, own_data, permissions, problems
from libs.events.web.limits import BodyLimit, ReceivedAt


def make_app(runtime: Runtime) -> FastAPI:
    """The runtime starts with the app and stops with it."""
    name = runtime.service.name

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        runtime.start()
        yield
        await runtime.stop()

    app = FastAPI(
        title=f"Tidu {name}",
        version="0.1.0",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"/api/{name}/openapi.json",
    )
    app.state.runtime = runtime
    app.add_middleware(BodyLimit)
    app.add_middleware(ReceivedAt, clock=runtime.business)
    problems.install(app)
    if runtime.role in ("api", "all"):
        for router in runtime.service.routers:
            app.include_router(router, prefix=f"/api/{name}")
        app.include_router(permissions.router, prefix=f"/api/{name}")
        app.include_router(accesses.router, prefix=f"/api/{name}")
        app.include_router(own_data.router, prefix=f"/api/{name}")
        _describe(app, runtime)
    _install_health(app, runtime)
    return app


def _describe(app: FastAPI, runtime: Runtime) -> None:
    policies = runtime.service.policies
    answers = openapi.load_answers(policies.parent / "openapi.yaml") if policies is not None else {}
    openapi.install(app, f"/api/{runtime.service.name}", answers)


def _install_health(app: FastAPI, runtime: Runtime) -> None:
    name = runtime.service.name

    async def livez(_: Request) -> Response:
        return JSONResponse({"service": name, "role": runtime.role, "status": "alive"})

    async def readyz(_: Request) -> Response:
        status, content = health.readiness(runtime)
        return JSONResponse(content, status)

    async def metrics(_: Request) -> Response:
        health.measure(runtime)
        return Response(generate_latest(runtime.figures.registry), media_type="text/plain; version=0.0.4")

    async def time(_: Request) -> Response:
        offset: dict[str, Any] = {"offset_ms": runtime.business.offset_ms, "now": runtime.business.now().isoformat()}
        return JSONResponse(offset)

    async def page(_: Request) -> Response:
        return HTMLResponse(docs.page(name, app.openapi()))

    for path, endpoint in (
        ("/livez", livez),
        ("/readyz", readyz),
        ("/metrics", metrics),
        (f"/api/{name}/readyz", readyz),
        (f"/api/{name}/time", time),
        (f"/api/{name}/docs", page),
    ):
        app.add_route(path, endpoint, include_in_schema=False)
