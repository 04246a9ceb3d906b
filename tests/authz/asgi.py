"""HTTP to an app in this process, without a client library's cost: one request, one answer."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec
from starlette.types import ASGIApp, Message, Scope

BOUNDARY = "cell"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        return msgspec.json.decode(self.body) if self.body[:1] in (b"{", b"[") else None


async def ask(
    app: ASGIApp, method: str, path: str, *, headers: dict[str, str], query: Any = None, body: Any = None,
    file: Any = None, address: str = "10.0.0.1",
) -> Answer:  # fmt: skip
    """`body` is sent as JSON; `file`, field → text, as a form whose field `file` is a PDF."""
    content, type_ = (
        (_form(file), f"multipart/form-data; boundary={BOUNDARY}")
        if file is not None
        else (_json(body), "application/json")
    )
    named = {"host": "127.0.0.1:8080", "content-type": type_, "content-length": str(len(content)), **headers}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": urlencode(query or {}, doseq=True).encode(),
        "root_path": "", "headers": [(k.lower().encode(), v.encode()) for k, v in named.items()],
        "client": (address, 1), "server": ("127.0.0.1", 8080),
    }  # fmt: skip
    sent, _ = await exchange(app, scope, content)
    answered = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
    return Answer(sent[0]["status"], answered, b"".join(m.get("body", b"") for m in sent[1:]))


async def exchange(app: ASGIApp, scope: Scope, content: bytes) -> tuple[list[Message], Exception | None]:
    """What the app sends for one request, and what it lets through after its answer; before one, that is raised."""
    sent, parts = list[Message](), [content]

    async def receive() -> Message:
        return (
            {"type": "http.request", "body": parts.pop(), "more_body": False} if parts else {"type": "http.disconnect"}
        )

    async def send(message: Message) -> None:
        sent.append(message)

    try:
        await app(scope, receive, send)
    except Exception as error:
        # Starlette answers 500 and then raises whatever it was.
        if not sent:
            raise
        return sent, error
    return sent, None


def _json(body: Any) -> bytes:
    return b"" if body is None else msgspec.json.encode(body)


def _form(fields: dict[str, str]) -> bytes:
    parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
    return "".join([*parts, head, "%PDF-1.4\n%%EOF", f"\r\n--{BOUNDARY}--\r\n"]).encode()
