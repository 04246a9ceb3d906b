"""The edge over HTTP: every error a problem, every repetition the same answer, no 5xx for whatever a stranger sends."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi import APIRouter
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from pydantic import Field
from starlette.responses import Response

from libs.events import visibility
from libs.events.contracts.actors import Office
from libs.events.contracts.base import Personal
from libs.events.contracts.identity import AppointmentEnded, OfficialAppointed, SessionEnded
from libs.events.errors import KeyReused, Poison, Refused, RefusedTogether, TooLarge, Transient, VersionMismatch
from libs.events.runtime import Runtime
from libs.events.web.app import make_app
from libs.events.web.authorization import Grant, NotPermitted, Target
from libs.events.web.desk import At
from libs.events.web.limits import JSON_LIMIT
from libs.events.web.models import Body, Id, PersonalText
from libs.events.web.principals import NotSignedIn
from tests import toy
from tests.backends import SHARDS, Backends
from tests.integration.lab import Log, Signer, log_of, say, saying, unsigned
from tests.integration.running import eventually, running

pytestmark = pytest.mark.integration
MOMENT = datetime(2024, 9, 2, 1, 30, tzinfo=UTC)
router = APIRouter()


class Words(Body):
    title: str = Field(default="t", max_length=200_000)
    count: int = 1
    share: float = 0.0
    contact: PersonalText | None = None
    more: dict[str, Any] = Field(default_factory=dict)


@router.post("/messages/{key}/{name}")
async def send(desk: At, key: Id, name: Id, body: Words) -> Response:
    desk.allow("toy.post", Target(enterprise=key))
    return await desk.handle(toy.Post(**desk.head, key=key, name=name, title=body.title, count=body.count), body)


@router.get("/messages/{key}/{name}")
async def read(desk: At, key: Id, name: Id) -> Response:
    state, version = await desk.state(toy.decider, f"message-{key}-{name}")
    return desk.respond({"posted": state.posted}, version)


@router.get("/seen/{key}/{name}")
async def seen(desk: At, key: Id, name: Id) -> Response:
    return desk.respond(await desk.view("counters").get(f"message-{key}-{name}"))


@router.get("/me")
async def me(desk: At) -> Response:
    desk.allow("toy.me")
    return desk.respond(desk.principal)


class Closed(Refused):
    code = "toy.closed"
    title = "已关闭"


class Elsewhere(Refused):
    code = "toy.elsewhere"
    title = "不在此处"
    status = 403


def closed() -> Closed:
    return Closed("窗口已关闭", rule="第三条", since=MOMENT, contact={"phone": "025"}, way_out="明年再来", window="w1")


ERRORS: dict[str, tuple[Exception, int, str]] = {
    "refused": (closed(), 409, "toy.closed"),
    "together": (RefusedTogether([closed(), Elsewhere()]), 409, "platform.several-refusals"),
    "mismatch": (VersionMismatch(1, 2), 412, "platform.version-mismatch"),
    "reused": (KeyReused("x"), 422, "platform.idempotency-key-reused"),
    "transient": (Transient("away", retry_after=7), 503, "platform.unavailable"),
    "large": (TooLarge("x"), 413, "platform.too-large"),
    "anonymous": (NotSignedIn("x"), 401, "platform.not-signed-in"),
    "forbidden": (NotPermitted("toy.do", "role-not-allowed"), 403, "platform.not-permitted"),
    "hidden": (NotPermitted("toy.do", "role-not-allowed", hidden=True), 404, "platform.not-found"),
    "poison": (Poison("x"), 500, "platform.unreadable"),
    "defect": (ZeroDivisionError("secret detail"), 500, "platform.unexpected"),
}


@router.get("/raise/{kind}")
async def fail(kind: str) -> None:
    raise ERRORS[kind][0]


served = replace(toy.service, routers=[router])
OFFICE = Office("320000", "city", "320100", "reviewer")
TABLE = {
    "toy.post": (Grant("anyone"),),
    "toy.me": (Grant("account"), Grant("official")),
}


@pytest.fixture(scope="module")
async def identity(backends: Backends) -> AsyncIterator[Log]:
    async with log_of(backends, await backends.fresh(), "identity", saying("keys")) as made:
        yield made


@pytest.fixture(scope="module")
async def runtime(identity: Log) -> AsyncIterator[Runtime]:
    async with running(identity.backends, identity.prefix, served) as made:
        made.table = TABLE
        yield made


@pytest.fixture(scope="module")
async def client(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_app(runtime), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/notifications") as made:
        yield made


@pytest.fixture(scope="module")
async def signer(identity: Log) -> Signer:
    made = Signer()
    await say(identity, "keys-platform", made.published)
    await identity.relayed()
    return made


_numbers = iter(range(1_000_000))


def keyed(key: str | None = None, **more: str) -> dict[str, str]:
    return {"Idempotency-Key": key or f"key-{next(_numbers)}", **more}


def fresh() -> str:
    """A path to a stream of its own."""
    return f"/messages/e1/n{next(_numbers)}"


def is_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    content: dict[str, Any] = answer.json()
    assert content["type"] == f"urn:tidu:problem:{code}" and content["status"] == status and content["title"]
    return content


@pytest.mark.parametrize("kind", ERRORS)
async def test_every_kind_of_failure_is_a_problem_with_a_stable_code(client: httpx.AsyncClient, kind: str) -> None:
    _, status, code = ERRORS[kind]
    answer = await client.get(f"/raise/{kind}")
    is_problem(answer, status, code)
    assert "secret detail" not in answer.text


async def test_a_refusal_says_rule_since_whom_to_ask_and_the_way_out(client: httpx.AsyncClient) -> None:
    content = (await client.get("/raise/refused")).json()
    assert content["rule"] == "第三条" and content["since"] == "2024-09-02T01:30:00.000Z"
    assert content["contact"] == {"phone": "025"} and content["way_out"] == "明年再来" and content["window"] == "w1"
    assert "until" not in content
    both = (await client.get("/raise/together")).json()["refusals"]
    assert [r["code"] for r in both] == ["toy.closed", "toy.elsewhere"] and both[0]["rule"] == "第三条"


async def test_who_has_to_wait_is_told_how_long_and_who_has_to_sign_in_how(client: httpx.AsyncClient) -> None:
    assert (await client.get("/raise/transient")).headers["retry-after"] == "7"
    assert (await client.get("/raise/anonymous")).headers["www-authenticate"] == "Bearer"


async def test_a_path_or_a_method_that_is_not_there_is_a_problem(client: httpx.AsyncClient) -> None:
    is_problem(await client.get("/nowhere"), 404, "platform.not-found")
    is_problem(await client.delete("/me"), 405, "platform.method-not-allowed")


@pytest.mark.parametrize(
    ("body", "field"),
    [({"tittle": "x"}, "body.tittle"), ({"count": "many"}, "body.count"), ({"title": 7}, "body.title"), ([], "body")],
)
async def test_what_is_wrong_in_a_body_is_named(client: httpx.AsyncClient, body: Any, field: str) -> None:
    content = is_problem(await client.post(fresh(), json=body, headers=keyed()), 422, "platform.invalid-request")
    assert [fault["field"] for fault in content["errors"]] == [field]


@pytest.mark.parametrize("key", [None, "", "x" * 65, "企业", "tab\there", "é"])
async def test_a_key_that_is_missing_or_unfit_is_refused(client: httpx.AsyncClient, key: str | None) -> None:
    headers = {} if key is None else {"Idempotency-Key": key.encode()}
    is_problem(await client.post(fresh(), json={}, headers=headers), 400, "platform.idempotency-key-missing")


async def test_the_same_request_gets_the_same_answer_and_another_under_its_key_is_told(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    path, key = fresh(), keyed("k" * 64)
    first = await client.post(path, json={"count": 2, "contact": "13800000000"}, headers=key)
    assert first.status_code == 201
    await client.post(path, json={}, headers=keyed())
    again = await client.post(path, json={"contact": "13800000000", "count": 2}, headers=key)
    assert (again.status_code, again.content) == (201, first.content)
    assert {n: again.headers[n] for n in ("etag", "position", "tidu-clock")} == {
        n: first.headers[n] for n in ("etag", "position", "tidu-clock")
    }
    is_problem(await client.post(path, json={"count": 3}, headers=key), 422, "platform.idempotency-key-reused")
    other = await client.post(path, json={"count": 2, "contact": "13800000001"}, headers=key)
    is_problem(other, 422, "platform.idempotency-key-reused")
    commit = (await runtime.store.find([first.json()["command"]]))[first.json()["command"]]
    assert "13800000000" not in str(commit)


async def test_a_key_is_its_owners_and_its_enterprises(client: httpx.AsyncClient, signer: Signer) -> None:
    path, key = fresh(), keyed("mine")
    first = await client.post(path, json={}, headers=key)
    signed = key | {"Authorization": f"Bearer {signer.token()}"}
    second = await client.post(path, json={}, headers=signed)
    third = await client.post(path.replace("/e1/", "/e2/"), json={}, headers=key)
    assert [a.status_code for a in (first, second, third)] == [201] * 3
    assert len({a.json()["command"] for a in (first, second, third)}) == 3


async def test_two_who_saw_the_same_version_do_not_overwrite_each_other(client: httpx.AsyncClient) -> None:
    path = fresh()
    assert (await client.post(path, json={}, headers=keyed())).headers["etag"] == '"1"'
    etag = (await client.get(path)).headers["etag"]
    assert etag == '"1"'
    key = keyed(**{"If-Match": etag})
    assert (await client.post(path, json={}, headers=key)).status_code == 201
    told = await client.post(path, json={}, headers=keyed(**{"If-Match": etag}))
    content = is_problem(told, 412, "platform.version-mismatch")
    assert (content["expected"], content["actual"]) == (1, 2)
    assert (await client.post(path, json={}, headers=key)).status_code == 201
    assert (await client.get(path)).json() == {"posted": 2}


async def test_read_after_waits_until_the_read_model_shows_it(client: httpx.AsyncClient) -> None:
    for _ in range(10):
        path = fresh()
        done = await client.post(path, json={"count": 3}, headers=keyed())
        shown = await client.get(path.replace("messages", "seen"), headers={"Read-After": done.headers["position"]})
        assert shown.json()["seen"] == ["0", "1", "2"]


async def test_read_after_something_that_does_not_come_asks_to_come_again(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visibility, "READ_AFTER_SECONDS", 0.1)
    answer = await client.get(fresh(), headers={"Read-After": "notifications/0/99999"})
    is_problem(answer, 503, "platform.unavailable")
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    "header",
    [
        "x", "notifications", "notifications/1", "notifications/a/b", "notifications/-1/1", "notifications/1/-1",
        "notifications/²/1", "notifications/1/³", f"notifications/{SHARDS}/1", f"notifications/{10**30}/1",
        f"notifications/1/{10**30}", f"notifications/1/{'9' * 5_000}", "//", ",", "notifications/1/1/1",
    ],
)  # fmt: skip
async def test_a_read_after_that_means_nothing_is_refused(client: httpx.AsyncClient, header: str) -> None:
    answer = await client.get(fresh(), headers={"Read-After": header.encode("latin-1")})
    is_problem(answer, 400, "platform.header-invalid")


@pytest.mark.parametrize("name", ["If-Match", "Tidu-Clock"])
@pytest.mark.parametrize("value", ["x", "", '"a", "b"', "²", "9" * 5_000 + "x"])
async def test_a_header_that_means_nothing_is_refused(client: httpx.AsyncClient, name: str, value: str) -> None:
    headers = {**{k: v.encode() for k, v in keyed().items()}, name: value.encode("latin-1")}
    is_problem(await client.post(fresh(), json={}, headers=headers), 400, "platform.header-invalid")


async def test_a_callers_clock_is_followed_but_not_into_the_future(client: httpx.AsyncClient) -> None:
    soon = (int(time.time() * 1000) + 1_000) << 16
    answer = await client.post(fresh(), json={}, headers=keyed(**{"Tidu-Clock": f"{soon:x}"}))
    assert int(answer.headers["tidu-clock"], 16) > soon
    far = "f" * 16
    answer = await client.post(fresh(), json={}, headers=keyed(**{"Tidu-Clock": far}))
    assert int(answer.headers["tidu-clock"], 16) >> 16 <= int(time.time() * 1000) + 2_000


async def test_what_is_too_large_is_refused_as_body_and_as_commit(client: httpx.AsyncClient) -> None:
    is_problem(await client.post(fresh(), content=b"x" * (JSON_LIMIT + 1), headers=keyed()), 413, "platform.too-large")
    is_problem(await client.post(fresh(), json={"title": "企" * 90_000}, headers=keyed()), 413, "platform.too-large")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"\xff\xfe", b"null", b'"x"', b"[" * 100_000, b'{"count": 1e999}', b'{"share": NaN}',
        b'{"share": Infinity}', b'{"count": 99999999999999999999}', b'{"count": 9007199254740993}', b'{"more": {"a": 99999999999999999999}}',
        b'{"title": "\\ud800"}', b'{"\\ud800": 1}', b'{"more": {"\\ud800": 1}}', b'{"more": {"a": "\\udfff"}}', b'{"title": "\\u0000"}',
        b'{"more": {"a": NaN}}', b'{"count": -1}', b'{"count": 0}', b'{"count": ' + b"9" * 5_000 + b"}", b'{"title": "x", "title": "y"}',
    ],
)  # fmt: skip
async def test_a_malformed_body_is_the_callers_fault(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post(fresh(), content=body, headers=keyed(**{"Content-Type": "application/json"}))
    assert answer.status_code in (200, 201, 400, 409, 422), answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"


_LATIN = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=40)
_HEADERS = st.dictionaries(
    st.sampled_from(["idempotency-key", "if-match", "tidu-clock", "authorization", "traceparent", "content-type", "accept"]),
    _LATIN | st.sampled_from(["Bearer e30.e30.e30", "Bearer x", "Bearer ..", "Basic eDp5", "application/json"]),
)  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(exclude_categories=()), max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
_FIELDS = st.dictionaries(st.sampled_from(["title", "count", "share", "contact", "more", "other"]), _JSON)
_NAMES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20)


@profile(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(_HEADERS, st.binary(max_size=60) | st.builds(lambda v: json.dumps(v).encode(), _FIELDS | _JSON), _NAMES)
async def test_nothing_that_a_stranger_sends_is_our_fault(
    client: httpx.AsyncClient, headers: dict[str, str], body: bytes, name: str
) -> None:
    raw = [(key.encode(), value.encode("latin-1")) for key, value in headers.items()]
    answer = await client.post(f"/messages/e1/{quote(name, safe='')}", content=body, headers=raw)
    assert answer.status_code < 500, answer.text
    answer = await client.post(
        fresh(), content=body, headers=[(b"idempotency-key", b"k"), (b"content-type", b"application/json"), *raw]
    )
    assert answer.status_code < 500, answer.text


async def signed_in(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.get("/me", headers={"Authorization": f"Bearer {token}"})


async def test_a_true_token_says_who_asks(client: httpx.AsyncClient, signer: Signer) -> None:
    content = (await signed_in(client, signer.token())).json()
    assert (content["kind"], content["id"], content["enterprise"]) == ("account", "acc1", "e1")
    is_problem(await client.get("/me"), 401, "platform.not-signed-in")


def false_tokens(signer: Signer) -> dict[str, str]:
    now = int(time.time())
    true = signer.token()
    head, claims, signature = true.split(".")
    other = Signer()
    return {
        "alg none": unsigned(signer.claims(), {"alg": "none", "kid": signer.kid}),
        "alg none with the true signature": unsigned(signer.claims(), {"alg": "none", "kid": signer.kid}, signature),
        "the public key as a secret": unsigned(signer.claims(), {"alg": "HS256", "kid": signer.kid}, signature),
        "another's key under this name": other.token({"kid": signer.kid}),
        "another deployment": signer.token(iss="tidu-production"),
        "another audience": signer.token(aud="elsewhere"),
        "no audience": signer.token(aud=None),
        "no issuer": signer.token(iss=None),
        "no subject": signer.token(sub=None),
        "no session": signer.token(sid=None),
        "no kind": signer.token(kind=None),
        "no end": signer.token(exp=None),
        "no beginning": signer.token(iat=None),
        "expired": signer.token(iat=now - 100, exp=now - 10),
        "issued in the future": signer.token(iat=now + 100, exp=now + 200),
        "longer than five minutes": signer.token(exp=now + 301),
        "a session that is no text": signer.token(sid=7),
        "a beginning that is no number": signer.token(iat="now"),
        "a beginning beyond all time": signer.token(iat=10**18, exp=10**18 + 60),
        "changed claims": ".".join([head, unsigned(signer.claims(sub="acc2"), {}).split(".")[1], signature]),
        "cut": true[:-10],
        "no header": f".{claims}.{signature}",
        "empty parts": "..",
        "no token at all": "x",
        "a header that is a list": unsigned(signer.claims(), ["alg"]),  # type: ignore[arg-type]
        "not base64": "é.é.é",
    }


@pytest.mark.parametrize("kind", false_tokens(Signer()))
async def test_a_false_token_is_nobody(client: httpx.AsyncClient, signer: Signer, kind: str) -> None:
    token = false_tokens(signer)[kind].encode("latin-1")
    answer = await client.get("/me", headers={"Authorization": b"Bearer " + token})
    is_problem(answer, 401, "platform.not-signed-in")
    everybody = await client.get(fresh(), headers={"Authorization": b"Bearer " + token})
    is_problem(everybody, 401, "platform.not-signed-in")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic eDp5", "bearer", "Token x"])
async def test_another_scheme_is_not_taken(client: httpx.AsyncClient, header: str) -> None:
    is_problem(await client.get("/me", headers={"Authorization": header}), 401, "platform.not-signed-in")


async def refused_soon(client: httpx.AsyncClient, token: str) -> None:
    async def refused() -> bool:
        return (await signed_in(client, token)).status_code == 401

    await eventually(refused, "for the token to be refused")


async def test_an_ended_session_ends_its_tokens(client: httpx.AsyncClient, identity: Log, signer: Signer) -> None:
    token = signer.token(sid="ended")
    assert (await signed_in(client, token)).status_code == 200
    await say(identity, "keys-platform", SessionEnded(MOMENT, "ended", "acc1", "signed out"))
    await identity.relayed()
    await refused_soon(client, token)
    assert (await signed_in(client, signer.token(sid="another"))).status_code == 200


async def test_an_ended_appointment_ends_the_office(client: httpx.AsyncClient, identity: Log, signer: Signer) -> None:
    name: Personal[str] = Personal(1, "s", "k", "name", "bm9uY2U=", "c2VhbGVk")
    await say(identity, "keys-platform", OfficialAppointed(MOMENT, "off1", "ap1", OFFICE, "s", name, "i", "d"))
    await identity.relayed()
    token = signer.token(kind="official", sub="off1", appointment="ap1", enterprise=None)
    assert (await signed_in(client, token)).json()["office"]["region"] == "320100"
    await say(identity, "keys-platform", AppointmentEnded(MOMENT, "off1", "ap1", "moved"))
    await identity.relayed()
    await refused_soon(client, token)


async def test_health_figures_and_documents_answer(client: httpx.AsyncClient, runtime: Runtime) -> None:
    assert (await client.post(fresh(), json={}, headers=keyed())).status_code == 201
    ready = await client.get("http://test/readyz")
    assert ready.status_code == 200 and ready.json()["ready"] is True
    assert (await client.get("/readyz")).json()["topics"]["notifications"]["halted"] == []
    assert 'tidu_commands_total{outcome="accepted"' in (await client.get("http://test/metrics")).text
    assert (await client.get("/openapi.json")).json()["paths"]["/api/notifications/messages/{key}/{name}"]
    assert "/api/notifications/messages/" in (await client.get("/docs")).text
    assert (await client.get("http://test/livez")).json()["status"] == "alive"


async def test_without_a_store_the_answer_is_503_and_a_repetition_is_one_commit(
    client: httpx.AsyncClient, backends: Backends
) -> None:
    if backends.stack is None:
        pytest.skip("only the embedded store can be taken away")
    path, key = fresh(), keyed()
    await backends.stack.hold("store")
    try:
        answer = await client.post(path, json={}, headers=key)
        is_problem(answer, 503, "platform.unavailable")
        assert int(answer.headers["retry-after"]) > 0
    finally:
        await backends.stack.release("store")

    async def accepted() -> bool:
        return (await client.post(path, json={}, headers=key)).status_code == 201

    await eventually(accepted, "for the command to be taken")
    assert (await client.get(path)).json() == {"posted": 1}
