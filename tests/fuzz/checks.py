"""What every answer is held to: schemathesis' checks of an answer against the document, and ours of problems."""

from collections.abc import Iterator
from typing import Any

import msgspec
from schemathesis import Case, Response
from schemathesis.core.failures import FailureGroup
from schemathesis.openapi import checks as openapi_checks  # noqa: F401 - registers them
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from libs.events.errors import Refused
from libs.events.web.authorization import REASONS
from libs.events.web.problems import MEDIA_TYPE

DOCUMENT = [
    status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
SERVER = 500


def faults_of(case: Case[Any], response: Response, spoilt: bool) -> list[str]:
    """What is wrong with the answer; `spoilt`: the request is not the one that was generated, so whether it is refused
    says nothing."""
    if response.status_code >= SERVER:
        return [f"a server error: {response.status_code}"]
    asked = DOCUMENT if spoilt or _padded(case.body) else [*DOCUMENT, negative_data_rejection]
    found = list(problem_faults(response)) if response.status_code >= 400 else []
    try:
        case.validate_response(response, checks=asked)
    except FailureGroup as failures:
        found += [f"{failure.title}: {failure.message}" for failure in failures.exceptions]
    except AssertionError as failure:
        found.append(str(failure))
    return found


def _padded(body: Any) -> bool:
    """Spaces around a text are taken off before it is measured, which no schema can say."""
    match body:
        case str():
            return body != body.strip()
        case dict():
            return any(map(_padded, body.values()))
        case list():
            return any(map(_padded, body))
        case _:
            return False


def registered(root: type[Refused] = Refused) -> Iterator[type[Refused]]:
    """Every refusal there is, with its code, title and status."""
    for one in root.__subclasses__():
        yield one
        yield from registered(one)


def problem_faults(response: Response) -> Iterator[str]:
    """RFC 9457, and the stable code with the title, status, rule and way out that are registered for it."""
    media = (response.headers.get("content-type") or [""])[0]
    if media != MEDIA_TYPE:
        yield f"a problem as {media!r}"
        return
    content = msgspec.json.decode(response.content)
    code = content.get("code", "")
    if content.get("status") != response.status_code or content.get("type") != f"urn:tidu:problem:{code}":
        yield f"a problem's status or type is not its answer's: {content}"
    yield from _member_faults(content)
    yield from _refusal_faults(content, response.status_code)
    for one in content.get("refusals", ()):
        yield from _member_faults(one)
        yield from _refusal_faults(one, None)


def _member_faults(content: dict[str, Any]) -> Iterator[str]:
    for name in ("code", "title"):
        if not isinstance(content.get(name), str) or not content[name]:
            yield f"a problem without {name}: {content}"
    for name in ("rule", "way_out", "since", "until"):
        if name in content and (not isinstance(content[name], str) or not content[name]):
            yield f"a problem's {name} says nothing: {content}"


def _refusal_faults(content: dict[str, Any], status: int | None) -> Iterator[str]:
    code = content.get("code", "")
    if code in PLATFORM:
        known = {(PLATFORM[code], status)}
    else:
        known = {(one.title, one.status) for one in registered() if getattr(one, "code", None) == code}
    if not known:
        yield f"a code that is registered nowhere: {code}"
    elif status is not None and status not in {number for _, number in known if number is not None}:
        yield f"{code} answers {status}, registered as {known}"
    if code == "platform.not-permitted":
        reason = REASONS.get(content.get("reason", ""))
        if reason is None or content.get("way_out", "") != reason.way_out or content.get("detail") != reason.words:
            yield f"a refusal at the door without its registered reason and way out: {content}"


PLATFORM = {
    "platform.not-found": "未找到", "platform.not-signed-in": "未登录", "platform.not-permitted": "没有权限",
    "platform.step-up-required": "需要再次验证", "platform.invalid-request": "请求内容有误",
    "platform.version-mismatch": "内容已被更新", "platform.idempotency-key-reused": "Idempotency-Key 已用于另一请求",
    "platform.unavailable": "服务暂时不可用", "platform.too-large": "内容过大", "platform.method-not-allowed": "不支持的方法",
    "platform.unreadable-request": "请求无法读取",
}  # fmt: skip
