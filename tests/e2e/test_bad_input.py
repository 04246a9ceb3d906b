"""Whatever is sent, the answer is a problem with a stable code, nothing is half done, and never 5xx."""

import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey
from pydantic import SecretStr

from deploy.cli.logs_access import open_state
from deploy.demo.client import User
from deploy.demo.companies import PASSWORD
from deploy.demo.filing import PDF, Filing
from deploy.demo.world import CONTACT, Enterprise
from libs.events.web.limits import FILE_LIMIT, JSON_LIMIT
from services.identity import signing
from tests.e2e.asking import Caller, refused
from tests.e2e.tale import Tale

INVALID = "platform.invalid-request"


# What does not fit the form of a request.


@pytest.mark.parametrize(("who", "method", "path", "body", "field"), [
    (None, "POST", "/identity/accounts", {"login": 5}, "body.login"),
    (None, "POST", "/identity/session", {"login": "a", "password": "b", "otp": "c"}, "body.otp"),
    (None, "POST", "/identity/session", ["login"], "body"),
    ("js-windows", "POST", "/applications/windows", {"authority": "江苏"}, "body.authority"),
    ("js-county", "GET", "/applications/filings?page=0", None, "query.page"),
    (None, "POST", "/assessment/self-test", {"pack": "innovative@2022-63", "answers": "none"}, "body.answers"),
    (None, "POST", "/assessment/self-test", {"pack": "innovative@2022-63", "answers": {}, "x": 1}, "body.x"),
    ("js-county", "POST", "/review/cases/UPPER/a/start", None, "path.enterprise"),
    ("js-county", "POST", "/review/cases/a/a/approval", {"opinion": ""}, "body.opinion"),
    ("js-county", "POST", "/review/cases/a/a/approval", {"opinion": "同意", "level": "city"}, "body.level"),
    ("js-county", "GET", "/review/cases/a/a?as_of=yesterday", None, "query.as_of"),
    (None, "GET", "/review/register?valid_on=2024-02-30", None, "query.valid_on"),
    ("js-county", "GET", "/notifications/inbox?page=first", None, "query.page"),
])  # fmt: skip
async def test_a_wrong_field_is_named(
    tale: Tale, call: Caller, who: str | None, method: str, path: str, body: Any, field: str
) -> None:
    user = tale.officer(who) if who else None
    problem = refused(await call(user, method, path, json=body), 422, INVALID)
    assert field in [error["field"] for error in problem["errors"]]


UGLY = {
    "half a text": b'{"login": "a',
    "no text": b"\xff\xfe\x00",
    "a lone surrogate": b'{"login": "\\ud800", "password": "\\udfff"}',
    "a null character": b'{"login": "a\\u0000b", "password": "c"}',
    "a bottomless list": b"[" * 200_000,
    "a bottomless object": b'{"a":' * 100_000,
    "an endless number": b'{"login": ' + b"9" * 5_000 + b', "password": "c"}',
    "no number": b'{"login": NaN, "password": Infinity}',
    "nothing": b"",
}


@pytest.mark.parametrize("content", UGLY.values(), ids=UGLY)
async def test_an_ugly_body_is_refused(call: Caller, content: bytes) -> None:
    answer = await call(
        None, "POST", "/identity/session", content=content, headers={"Content-Type": "application/json"}
    )
    assert 400 <= answer.status_code < 500 and answer.json()["code"], answer.text


@pytest.mark.parametrize("text", ["\\ud800", "a\\u0000b", "\\u202e", "9" * 4_000], ids=ascii)
async def test_ugly_texts_in_a_draft_and_in_an_opinion(
    tale: Tale, call: Caller, draft: Filing, filed: Filing, text: str
) -> None:
    """A draft keeps what it can keep; whatever it answers, it can be read and saved afterwards."""
    kind, path = {"Content-Type": "application/json"}, f"/applications/drafts/{draft.path}"
    before = await call(draft.user, "GET", path)
    for name in ("main_product_name", text[:60]):
        seen = (await call(draft.user, "GET", path)).headers["etag"]
        content = f'{{"answers": {{"{name}": "{text}"}}}}'
        answer = await call(draft.user, "PUT", path, content=content, headers={**kind, "If-Match": seen})
        assert answer.status_code in (200, 422), answer.text
    seen = (await call(draft.user, "GET", path)).headers["etag"]
    again = {"answers": before.json()["answers"]}
    assert (await call(draft.user, "PUT", path, json=again, headers={"If-Match": seen})).status_code == 200
    opinion = f'{{"opinion": "{text}"}}'
    answer = await call(tale.officer("js-county"), "POST", f"{filed.case}/approval", content=opinion, headers=kind)
    assert 400 <= answer.status_code < 500 and answer.json()["code"], answer.text


async def test_a_body_over_a_mebibyte_is_too_large_whatever_it_says_of_itself(call: Caller) -> None:
    content = json.dumps({"login": "a" * JSON_LIMIT, "password": "b"}).encode()

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 65_536):
            yield content[start : start + 65_536]

    kind = {"Content-Type": "application/json"}
    for body in (content, pieces()):
        refused(await call(None, "POST", "/identity/session", content=body, headers=kind), 413, "platform.too-large")


@pytest.mark.parametrize(("method", "path", "status", "code"), [
    ("GET", "/review/nothing", 404, "platform.not-found"),
    ("DELETE", "/review/register", 405, "platform.method-not-allowed"),
    ("GET", "/nothing/at/all", 404, "gateway.not-found"),
])  # fmt: skip
async def test_a_wrong_address_is_a_problem_too(call: Caller, method: str, path: str, status: int, code: str) -> None:
    answer = await call(None, method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("header", "value"), [("If-Match", '"first"'), ("Read-After", "review"), ("Tidu-Clock", "noon")]
)
async def test_a_header_that_cannot_be_read(tale: Tale, call: Caller, filed: Filing, header: str, value: str) -> None:
    answer = await call(tale.officer("js-county"), "POST", f"{filed.case}/start", headers={header: value})
    refused(answer, 400, "platform.header-invalid")


# Files.


async def test_a_file_that_is_too_large_or_of_another_kind(call: Caller, draft: Filing) -> None:
    before = await draft.user.get(f"/applications/drafts/{draft.path}")
    path = f"/applications/drafts/{draft.path}/evidence/audit_reports"
    code = "applications.file-refused"
    for name, content in {
        "报告.pdf": b"MZ\x90\x00" + b"\x00" * 500, "报告.txt": "说明".encode(), "报告.docx": b"PK\x03\x04 no archive",
        "空.pdf": b"", "大.pdf": PDF + b"\n" * (20 * 1024 * 1024),
    }.items():  # fmt: skip
        problem = refused(await call(draft.user, "POST", path, files={"file": (name, content)}), 422, code)
        assert name in problem["detail"] and problem["way_out"]
    huge = {"file": ("大.pdf", PDF + b"\n" * FILE_LIMIT)}
    refused(await call(draft.user, "POST", path, files=huge), 413, "platform.too-large")
    other = path.replace("audit_reports", "holiday_photos")
    refused(await call(draft.user, "POST", other, files={"file": ("a.pdf", PDF)}), 422, code)
    refused(await call(draft.user, "POST", path, data={"file": "text"}), 422, INVALID)
    after = await draft.user.get(f"/applications/drafts/{draft.path}")
    assert (after["version"], after["evidence"]) == (before["version"], before["evidence"])


# Two tabs, two keys.


async def test_the_second_of_two_tabs_is_told_and_overwrites_nothing(call: Caller, draft: Filing) -> None:
    path = f"/applications/drafts/{draft.path}"
    shown = await call(draft.user, "GET", path)
    seen, answers = {"If-Match": shown.headers["etag"]}, shown.json()["answers"]
    first = await call(draft.user, "PUT", path, json={"answers": answers | {"staff_total": 90}}, headers=seen)
    assert first.status_code == 200
    second = await call(draft.user, "PUT", path, json={"answers": answers | {"staff_total": 91}}, headers=seen)
    problem = refused(second, 412, "applications.draft-moved")
    [differing] = problem["difference"]
    assert (differing["field"], differing["stored"], differing["yours"]) == ("staff_total", 90, 91)
    now = await call(draft.user, "GET", path)
    assert now.json()["answers"]["staff_total"] == 90 and now.headers["etag"] == first.headers["etag"]
    body = {"version": int(seen["If-Match"].strip('"')), "region": "320102"}
    refused(await call(draft.user, "POST", f"{path}/submission", json=body), 412, "applications.draft-moved")
    refused(await call(draft.user, "PUT", path, json={"answers": answers}), 400, "platform.header-invalid")


async def test_one_key_is_one_request(tale: Tale, call: Caller, newcomer: Enterprise) -> None:
    path, profile, key = f"/applications/enterprises/{newcomer.id}/profile", newcomer.company.profile(), uuid4().hex
    refused(await call(newcomer.user, "PUT", path, json=profile, key=None), 400, "platform.idempotency-key-missing")
    changed = profile | {"segment": "微型精密零部件"}
    first = await call(newcomer.user, "PUT", path, json=changed, key=key)
    again = await call(newcomer.user, "PUT", path, json=changed, key=key)
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    other = await call(newcomer.user, "PUT", path, json=profile, key=key)
    refused(other, 422, "platform.idempotency-key-reused")
    for bad in ("x" * 65, ""):
        answer = await call(newcomer.user, "PUT", path, json=changed, key=None, headers={"Idempotency-Key": bad})
        refused(answer, 400, "platform.idempotency-key-missing")


async def test_what_has_moved_on_is_not_acted_upon(tale: Tale, call: Caller, filed: Filing) -> None:
    answer = await call(tale.officer("js-county"), "POST", f"{filed.case}/start", headers={"If-Match": '"1"'})
    problem = refused(answer, 412, "platform.version-mismatch")
    assert problem["expected"] == 1 and problem["actual"] > 1


# Who may not.


async def test_another_countys_officer_sees_nothing_and_does_nothing(tale: Tale, call: Caller, filed: Filing) -> None:
    other = tale.officer("js-county-other")
    for path in (filed.case, f"{filed.case}/timeline", f"{filed.case}/difference"):
        refused(await call(other, "GET", path), 404, "platform.not-found")
    refused(await call(other, "POST", f"{filed.case}/start"), 403, "platform.not-permitted")
    for path in (
        f"/applications/applications/{filed.application}",
        f"/assessment/scores/{filed.enterprise.id}/{filed.application}",
    ):
        refused(await call(other, "GET", path), 404, "platform.not-found")
    queue = (await call(other, "GET", "/review/queue", params={"where": "any"})).json()
    assert filed.application not in str(queue)


async def test_another_enterprise_sees_nothing_and_does_nothing(
    call: Caller, filed: Filing, newcomer: Enterprise
) -> None:
    stranger, filing = newcomer.user, f"/applications/filings/{filed.path}"
    for path in (
        filing,
        f"/applications/drafts/{filed.path}",
        filed.case,
        f"/applications/applications/{filed.application}",
    ):
        refused(await call(stranger, "GET", path), 404, "platform.not-found")
    body = {"application": filed.application, "reason": "不是我的"}
    refused(await call(stranger, "POST", f"{filing}/withdrawal", json=body), 403, "platform.not-permitted")
    profile = f"/applications/enterprises/{filed.enterprise.id}/profile"
    refused(await call(stranger, "PUT", profile, json=newcomer.company.profile()), 403, "platform.not-permitted")


async def test_nobody_signed_in(call: Caller, filed: Filing) -> None:
    for method, path in (
        ("GET", filed.case),
        ("POST", f"{filed.case}/start"),
        ("GET", "/notifications/inbox"),
        ("GET", "/identity/me"),
    ):
        answer = await call(None, method, path)
        refused(answer, 401, "platform.not-signed-in")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_natural_person_cannot_declare(tale: Tale, call: Caller, newcomer: Enterprise, window: str) -> None:
    login = "natural0001"
    body = newcomer.company.registration | {
        "login": login,
        "kind": "natural",
        "phone": "13800000901",
        "email": "n@example.com",
    }
    assert (await call(None, "POST", "/identity/accounts", json=body)).status_code == 201
    person = User(tale.stack.gateway, login, PASSWORD)
    try:
        assert (await person.sign_in())["may_declare"] is False
        wanted = {"kind": "declaration", "tier": "innovative", "window": window, "authority": "320000"}
        answer = await call(person, "POST", f"/applications/drafts/{newcomer.id}", json=wanted)
        assert answer.status_code in (403, 404) and answer.json()["code"] in (
            "platform.not-permitted",
            "platform.not-found",
        )
        answer = await call(
            person, "POST", f"/applications/enterprises/{newcomer.id}/profile", json=newcomer.company.profile()
        )
        refused(answer, 403, "platform.not-permitted")
    finally:
        await person.close()


# Out of order.


async def test_the_county_approves_only_what_it_has_started_and_nobody_before_it(
    tale: Tale, call: Caller, filed: Filing
) -> None:
    opinion = {"opinion": "同意"}
    for name, code in (
        ("js-county", "review.not-in-review"),
        ("js-city", "review.not-your-level"),
        ("js-province", "review.not-your-level"),
    ):
        refused(await call(tale.officer(name), "POST", f"{filed.case}/approval", json=opinion), 409, code)
    refused(await call(tale.officer("js-city"), "POST", f"{filed.case}/start"), 409, "review.not-your-level")
    refused(await call(tale.officer("js-city-publisher"), "POST", f"{filed.case}/start"), 403, "platform.not-permitted")
    case = await filed.user.get(filed.case)
    assert (case["status"], case["level"]) == ("waiting", "county")


async def test_one_person_does_not_approve_at_two_levels(tale: Tale, call: Caller, filed: Filing) -> None:
    admin, login = tale.world.admin, "both@levels"
    offices = [
        {"authority": "320000", "level": level, "region": region, "role": "reviewer"}
        for level, region in (("county", "320102"), ("city", "320100"))
    ]
    appointed = {
        "login": login,
        "password": PASSWORD,
        "name": "示例兼任",
        "office": offices[0],
        "document": "示例任〔2024〕2号",
    }
    made = (await call(admin, "POST", "/identity/officials", json=appointed)).json()
    body = {"office": offices[1], "document": "示例任〔2024〕3号"}
    more = (await call(admin, "POST", f"/identity/officials/{made['official']}/appointments", json=body)).json()
    tokens = []
    for appointment in (made["appointment"], more["appointment"]):
        asked = {"login": login, "password": PASSWORD, "appointment": appointment}
        tokens.append((await call(None, "POST", "/identity/session", json=asked)).json()["access_token"])
    for n, token in enumerate(tokens):
        assert (await call(None, "POST", f"{filed.case}/start", token=token)).status_code == 201
        answer = await call(None, "POST", f"{filed.case}/approval", json={"opinion": "同意"}, token=token)
        if n == 0:
            assert answer.status_code == 201
    refused(answer, 409, "review.same-person-twice")


@pytest.mark.parametrize("first", [True, False], ids=["too early", "too late"])
async def test_a_submission_outside_its_window(tale: Tale, call: Caller, window: str, first: bool) -> None:
    filing, code = tale.filing("early"), "applications.window-ended"
    if first:
        body = {
            "authority": "320000", "kind": "declaration", "tier": "innovative", "batch": "2090.1", "title": "以后",
            "regions": ["320000"], "opens": "2090-01-01T00:00:00Z", "closes": "2091-01-01T00:00:00Z",
            "form": "innovative-2022", "pack": "innovative@2022-63", "contact": CONTACT,
        }  # fmt: skip
        opened = await call(tale.officer("js-windows"), "POST", "/applications/windows", json=body)
        tale.world.windows["later"] = opened.json()["window"]
        filing = Filing(tale.world, filing.enterprise, "declaration", "innovative", "later", "innovative-2022")
        filing.user.saw(tale.officer("js-windows"))
        await filing.draft()
        code = "applications.not-open-yet"
    shown = await filing.user.get(f"/applications/drafts/{filing.path}")
    body = {"version": shown["version"], "region": "320102"}
    answer = await call(filing.user, "POST", f"/applications/drafts/{filing.path}/submission", json=body)
    problem: dict[str, Any] = answer.json()
    told = [problem, *problem.get("refusals", [])]
    assert answer.status_code == 409 and code in [one["code"] for one in told], problem
    assert next(one for one in told if one["code"] == code)["contact"]


# Tokens.


@pytest.fixture(scope="package")
async def key(tale: Tale) -> OKPKey:
    """The platform's own signing key, as somebody who has broken in would have it."""
    settings = SimpleNamespace(master_key=SecretStr(tale.stack.secrets.master_key))
    async with open_state(tale.stack, "identity") as state:
        [found, *_] = await state.documents(signing.COLLECTION).find({}, limit=1)
    return signing._open(SimpleNamespace(settings=settings), found["_id"], found["sealed"])  # type: ignore[arg-type]


def token(key: OKPKey, kid: str, **changes: Any) -> str:
    claims = {**changes.pop("claims"), **changes}
    return jwt.encode({"alg": "EdDSA", "kid": kid}, claims, key, algorithms=["EdDSA"])


async def test_only_a_token_that_identity_signed_and_that_has_not_run_out(
    tale: Tale, call: Caller, key: OKPKey
) -> None:
    user = tale.officer("js-county")
    await user.sign_in()
    good = user._token or ""
    kid = key.thumbprint()
    claims = jwt.decode(good, key, algorithms=["EdDSA"]).claims
    now = int(claims["iat"])
    assert (await call(None, "GET", "/identity/me", token=token(key, kid, claims=claims))).status_code == 200
    head, body, signature = good.split(".")
    bad = {
        "expired": token(key, kid, claims=claims, iat=now - 400, exp=now - 100),
        "too long": token(key, kid, claims=claims, exp=now + 86_400),
        "another audience": token(key, kid, claims=claims, aud="elsewhere"),
        "another deployment": token(key, kid, claims=claims, iss="tidu-production"),
        "a forged key": token(OKPKey.generate_key("Ed25519"), kid, claims=claims),
        "an unknown key": token(OKPKey.generate_key("Ed25519"), "unknown", claims=claims),
        "no signature": f"{head}.{body}.",
        "a changed body": f"{head}.{body[:-4]}AAAA.{signature}",
        "no token": "Bearer",
    }
    for name, text in bad.items():
        for service in ("/identity/me", "/notifications/inbox"):
            answer = await call(None, "GET", service, token=text)
            assert answer.json()["code"] == "platform.not-signed-in" and answer.status_code == 401, name
