"""A generated case as a real HTTP message to an app in this process, and the answer as it came."""

import json
import math
import traceback
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import requests
from schemathesis import Case, Response
from schemathesis.core import curl
from starlette.types import ASGIApp

from tests.authz.asgi import exchange
from tests.authz.people import Person
from tests.authz.runtime import ORIGIN

_TOOL = ("content-length", "user-agent", "accept-encoding", "connection")


class Asked(NamedTuple):
    """What goes over the wire."""

    request: requests.PreparedRequest
    address: str

    @property
    def body(self) -> bytes:
        body = self.request.body or b""
        return body if isinstance(body, bytes) else body.encode()

    def curl(self, person: Person) -> str:
        """The command that asks the same of a running service; a token of the person's has to be put in."""
        headers = {name: text(value) for name, value in self.request.headers.items() if name.lower() not in _TOOL}
        if person.token and person.token in headers.get("Authorization", ""):
            headers["Authorization"] = f"Bearer <{person.name}>"
        made = curl.generate(
            method=str(self.request.method), url=str(self.request.url), body=self.body or None, verify=True,
            headers=headers, known_generated_headers=headers,
        )  # fmt: skip
        return made.command


def prepared(case: Case[Any], headers: dict[str, str], address: str, body: bytes | None = None) -> Asked:
    """`headers` are added to the case's own; `body`, if any, is sent in place of the case's, as JSON."""
    kwargs = case.as_transport_kwargs(base_url=ORIGIN)
    kwargs["headers"] = {k: v for k, v in kwargs["headers"].items() if not k.startswith("X-Schemathesis")} | headers
    if body is not None:
        kwargs = {k: v for k, v in kwargs.items() if k not in ("json", "data", "files")}
        kwargs["data"], kwargs["headers"]["Content-Type"] = body, "application/json"
    known = {
        k: v
        for k, v in kwargs.items()
        if k in ("method", "url", "headers", "params", "cookies", "json", "data", "files")
    }
    if not _is_json(known.get("json")):
        known["data"] = json.dumps(known.pop("json")).encode()
    return Asked(requests.Request(**known).prepare(), address)


def _is_json(value: Any) -> bool:
    """Python's writer has NaN and infinities, `requests` refuses to send them."""
    match value:
        case float():
            return math.isfinite(value)
        case dict():
            return all(map(_is_json, value.values()))
        case list():
            return all(map(_is_json, value))
        case _:
            return True


async def answer(app: ASGIApp, asked: Asked) -> Response:
    """What the app answers; an exception that it lets through after its answer is told in the answer's message."""
    url = urlsplit(str(asked.request.url))
    headers = [(name.lower().encode(), _raw(value)) for name, value in asked.request.headers.items()]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": asked.request.method,
        "scheme": "http", "path": unquote(url.path), "raw_path": url.path.encode(), "query_string": url.query.encode(),
        "root_path": "", "headers": [(b"host", url.netloc.encode()), *headers], "client": (asked.address, 1),
        "server": (url.hostname, url.port),
    }  # fmt: skip
    sent, error = await exchange(app, scope, asked.body)
    trouble = "" if error is None else "".join(traceback.format_exception(error)[-4:])
    found: dict[str, list[str]] = {}
    for name, value in sent[0]["headers"]:
        found.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    content = b"".join(message.get("body", b"") for message in sent[1:])
    return Response(sent[0]["status"], found, content, asked.request, 0.0, verify=False, message=trouble)


def text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _raw(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")
