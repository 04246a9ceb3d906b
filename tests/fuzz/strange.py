"""What nobody means and somebody sends: texts and numbers that break careless programs, put somewhere into a good body."""

import json
from copy import deepcopy
from random import Random
from typing import Any

TEXTS = (
    "", " ", "\x00", "a\x00b", "\ud800", "\udfff tail", "\u202e反", "\ufeff", "\u2028", "e\u0301" * 50, "😀" * 70, "x" * 5_000,
    "$where", "a.b", "../../etc/passwd", "{{7*7}}", "%00", "<script>", "' OR 1=1 --", "９１３２", "-0", "1e999", "NaN",
)  # fmt: skip
NUMBERS = (2**63, -(2**63) - 1, 2**53, 10**400, 0.1 + 0.2, -0.0, 1e308, float("nan"), float("inf"), -1, 0)
OTHERS: tuple[Any, ...] = (None, True, [], {}, [[]], {"": ""}, {"$gt": ""}, {"a\x00": 1}, [None])
DEEP = 3_000


def spoilt(body: Any, luck: Random) -> bytes:
    """The body as JSON with one value in it replaced; now and then not JSON at all."""
    if luck.random() < 0.08:
        return luck.choice(
            (b"", b"{", b"\xff\xfe{}", b"[" * DEEP + b"]" * DEEP, b"nul", b'{"a":1,"a":2}', b"\xef\xbb\xbf{}")
        )
    body = deepcopy(body)
    *others, last = luck.choice(list(_paths(body)) or [("",)])
    inside = body
    for step in others:
        inside = inside[step]
    value = luck.choice(luck.choice((TEXTS, TEXTS, NUMBERS, OTHERS)))
    if isinstance(inside, dict | list):
        inside[last] = value
    else:
        body = value
    return json.dumps(body).encode()


def _paths(value: Any, before: tuple[Any, ...] = ()) -> Any:
    """Where every value inside stands."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield (*before, key)
        yield from _paths(one, (*before, key))


HEADERS: tuple[tuple[str, str], ...] = (
    ("If-Match", "*"), ("If-Match", '"1"'), ("If-Match", "W/\"2\""), ("If-Match", "-1"), ("If-Match", "9" * 30),
    ("If-Match", "1_0"), ("If-Match", "9" * 5_000), ("If-Match", "\xb2"), ("Tidu-Clock", "-1"), ("Tidu-Clock", "f" * 16),
    ("Tidu-Clock", "f" * 300), ("Tidu-Clock", "0x_1"), ("Read-After", ","),
    ("Read-After", "identity/99/1"), ("Read-After", "nobody/0/1"), ("traceparent", "00-zz"), ("traceparent", "\xff"),
    ("Cookie", "tidu_test=x"), ("Cookie", "tidu_test=\xe9;;="), ("Origin", "http://["), ("Origin", "null"), ("Origin", "\xe9"),
    ("Sec-Fetch-Site", "cross-site"), ("Content-Type", "text/plain"), ("Content-Type", "application/json; charset=utf-16"),
    ("Content-Type", "multipart/form-data"), ("Content-Type", "\xe9"), ("Accept", "text/html"), ("Accept-Language", "\xff"),
    ("Authorization", "Basic eDp5"), ("Authorization", "Bearer"), ("Authorization", "Bearer a.b.c"), ("Authorization", "\xe9"),
    ("Authorization", "Bearer eyJraWQiOiB7fX0.e30.x"), ("Idempotency-Key", ""), ("Idempotency-Key", "\xe9"),
    ("Idempotency-Key", "k" * 65), ("Content-Length", "-1"), ("Content-Length", "\xb2"), ("Range", "bytes=0-"),
    ("X-Forwarded-For", "\xff"), ("User-Agent", ""), ("If-None-Match", "*"),
)  # fmt: skip
