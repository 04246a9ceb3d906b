"""Every error as an RFC 9457 problem with a stable code, the rule, since, until, whom to ask, and the way out."""

import time
from typing import Any

import msgspec
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from libs.events.contracts.times import time_text
from libs.events.errors import KeyReused, Poison, Refused, RefusedTogether, TooLarge, Transient, VersionMismatch
from libs.events.web.authorization import STEP_UP, NotPermitted
from libs.events.web.pace import TooFast
from libs.events.web.principals import NotSignedIn, Principal
from libs.events.web.strangers import PerMinute

log = structlog.get_logger("web")
_forged = PerMinute(each=10, all_=300)
MEDIA_TYPE = "application/problem+json"


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def seat_of(principal: Principal) -> dict[str, Any]:
    """Under which office somebody acts, and for whom, as the access log has it."""
    office = msgspec.to_builtins(principal.office) if principal.office is not None else None
    return {"office": office, "represents": principal.represents}


def problem(
    status: int, code: str, title: str, detail: str = "", headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    content = {"type": f"urn:tidu:problem:{code}", "code": code, "title": title, "status": status, "detail": detail}
    content |= {key: value for key, value in more.items() if value not in (None, "", {}, [])}
    return JSONResponse(content, status, headers, MEDIA_TYPE)


def refusal_content(refusal: Refused) -> dict[str, Any]:
    """A refusal's members, as in a problem and in a list of several."""
    content: dict[str, Any] = {"code": refusal.code, "title": refusal.title, "detail": refusal.detail}
    optional = {
        "rule": refusal.rule,
        "since": time_text(refusal.since) if refusal.since else None,
        "until": time_text(refusal.until) if refusal.until else None,
        "contact": dict(refusal.contact) if refusal.contact else None,
        "way_out": refusal.way_out,
        **refusal.facts,
    }
    return content | {key: value for key, value in optional.items() if value not in (None, "", {}, [])}


def install(app: FastAPI) -> None:
    """One handler per kind of failure."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(TooFast, _too_fast)
    app.add_exception_handler(VersionMismatch, _mismatch)
    app.add_exception_handler(KeyReused, _key_reused)
    app.add_exception_handler(Transient, _transient)
    app.add_exception_handler(TooLarge, _too_large)
    app.add_exception_handler(NotSignedIn, _not_signed_in)
    app.add_exception_handler(NotPermitted, _not_permitted)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Poison, _poison)
    app.add_exception_handler(Exception, _unexpected)


async def _refused(_: Request, error: Any) -> JSONResponse:
    content = refusal_content(error)
    if isinstance(error, RefusedTogether):
        content["refusals"] = [refusal_content(refusal) for refusal in error.refusals]
    more = {k: v for k, v in content.items() if k not in ("code", "title", "detail")}
    return problem(error.status, error.code, error.title, error.detail, **more)


async def _too_fast(_: Request, error: Any) -> JSONResponse:
    later = {"Retry-After": str(error.retry_after)}
    return problem(error.status, error.code, error.title, error.detail, later, way_out=error.way_out)


async def _mismatch(_: Request, error: Any) -> JSONResponse:
    return problem(
        412, "platform.version-mismatch", "内容已被更新", "请刷新后重试", expected=error.expected, actual=error.actual
    )


async def _key_reused(_: Request, error: Any) -> JSONResponse:
    return problem(
        422, "platform.idempotency-key-reused", "Idempotency-Key 已用于另一请求", way_out="为新的请求使用新的键"
    )


async def _transient(_: Request, error: Any) -> JSONResponse:
    return problem(
        503, "platform.unavailable", "服务暂时不可用", str(error), {"Retry-After": str(error.retry_after)},
        way_out=f"请在 {error.retry_after} 秒后以相同的 Idempotency-Key 重试，不会重复办理",
    )  # fmt: skip


async def _too_large(_: Request, error: Any) -> JSONResponse:
    return problem(413, "platform.too-large", "内容过大", str(error))


async def _not_signed_in(request: Request, error: Any) -> JSONResponse:
    if error.forged:
        _note_forged(request, error.forged)
    return problem(
        401, "platform.not-signed-in", "未登录", error.reason, {"WWW-Authenticate": "Bearer"}, way_out="请重新登录"
    )


def _note_forged(request: Request, reason: str) -> None:
    """A few of an address, and not many of all: nobody fills the log with tokens that cost them nothing."""
    notes, address = request.app.state.runtime.notes, address_of(request)
    if not _forged.take(address, time.monotonic()):
        notes.dropped += 1
        return
    notes.soon("refusal", "public:", action="platform.token", reason=reason, **{"from": address})


async def _not_permitted(request: Request, error: Any) -> JSONResponse:
    if error.who is not None:
        asked = {"action": error.action, "reason": error.code, "from": address_of(request)}
        request.app.state.runtime.notes.soon("refusal", error.who.actor.ref, **asked, **seat_of(error.who))
    if error.hidden:
        return problem(404, "platform.not-found", "未找到")
    step_up = error.code == STEP_UP
    code, title = ("platform.step-up-required", "需要再次验证") if step_up else ("platform.not-permitted", "没有权限")
    return problem(403, code, title, error.reason, action=error.action, reason=error.code, way_out=error.way_out)


async def _invalid(_: Request, error: Any) -> JSONResponse:
    faults = [
        {"field": ".".join(str(part) for part in fault["loc"]), "fault": fault["type"], "detail": fault["msg"]}
        for fault in error.errors()
    ]
    return problem(422, "platform.invalid-request", "请求内容有误", "请检查所列字段", errors=faults)


async def _http(_: Request, error: Any) -> JSONResponse:
    code, title, way_out = _BARE.get(error.status_code, (f"platform.http-{error.status_code}", str(error.detail), ""))
    return problem(error.status_code, code, title, headers=dict(error.headers or {}), way_out=way_out)


_BARE = {
    400: ("platform.unreadable-request", "请求无法读取", "请按接口文档所列的格式发送"),
    404: ("platform.not-found", "未找到", ""),
    405: ("platform.method-not-allowed", "不支持的方法", ""),
}
"""What the framework refuses by itself."""


async def _poison(_: Request, error: Any) -> JSONResponse:
    await log.aerror("web.poison", error=str(error))
    return problem(500, "platform.unreadable", "数据无法读取", "已记录，请联系运维")


async def _unexpected(request: Request, error: Any) -> JSONResponse:
    await log.aerror("web.unexpected", route=request.url.path, exc_info=error)
    return problem(500, "platform.unexpected", "内部错误", "已记录；以相同的 Idempotency-Key 重试是安全的")
