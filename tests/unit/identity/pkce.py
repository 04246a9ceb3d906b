"""What the provider of the tests leaves out: a code is good only with the verifier of its challenge (RFC 7636, 4.6)."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from hashlib import sha256
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Pkce:
    """Around a provider's WSGI application."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner
        self._challenges: dict[str, str] = {}

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/oauth2/token":
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = BytesIO(body)
            if not self._fits(_values(body.decode())):
                start("400 BAD REQUEST", [("Content-Type", "application/json")])
                return [b'{"error": "invalid_grant"}']
        if path == "/oauth2/authorize":
            return self._inner(environ, self._noting(_values(environ["QUERY_STRING"]), start))
        return self._inner(environ, start)

    def _noting(self, asked: dict[str, str], start: Callable[..., Any]) -> Callable[..., Any]:
        def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            code = _values(urlsplit(dict(headers).get("Location", "")).query).get("code")
            if code and asked.get("code_challenge_method") == "S256":
                self._challenges[code] = asked["code_challenge"]
            return start(status, headers, *more)

        return started

    def _fits(self, asked: dict[str, str]) -> bool:
        hashed = sha256(asked.get("code_verifier", "").encode()).digest()
        given = urlsafe_b64encode(hashed).rstrip(b"=").decode()
        return self._challenges.pop(asked.get("code", ""), "") == given


def _values(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
