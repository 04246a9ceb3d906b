"""谁看过: who looked is written down before they see it, told to whom it is about, and shown to nobody else."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest

from libs.events.attesting import attest, attesting_decider, stream_of
from libs.events.web import problems
from libs.events.web.strangers import PerMinute
from tests.authz.asgi import Answer, ask
from tests.authz.people import ENTERPRISES
from tests.authz.walker import World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = await World().build()
    yield made
    await made.close()


async def by(world: World, who: str, service: str, path: str, **query: str) -> Answer:
    person = next(one for one in world.people if one.name == who)
    headers = {"authorization": f"Bearer {person.token}"} if person.token else {}
    answer = await ask(
        world.apps[service], "GET", f"/api/{service}{path}", headers=headers, query=query, address="10.7.7.7"
    )
    await world.runtimes[service].notes.settled()
    return answer


async def entries(world: World, service: str, **wanted: Any) -> list[dict[str, Any]]:
    return await world.runtimes[service].notes.documents.find(wanted, sort=("n",), limit=1000)


async def test_whoever_looks_at_a_persons_data_is_written_down_and_the_enterprise_is_told(world: World) -> None:
    path = f"/enterprises/{ENTERPRISES['owner']}"
    assert (await by(world, "reviewer@js_city", "applications", path)).status == 200
    noted = await entries(world, "applications", kind="read")
    assert {one["label"] for one in noted} == {"legal_representative", "contact", "contact_mobile", "email"}
    first = noted[0]
    assert (first["action"], first["from"], first["region"]) == ("applications.read_enterprise", "10.7.7.7", "320102")
    told = (await by(world, "owner", "applications", "/me/accesses")).content
    assert told["total"] == 4
    assert told["accesses"][0]["office"] == {
        "authority": "320000",
        "level": "city",
        "region": "320100",
        "role": "reviewer",
    }
    assert not any("who" in one or "from" in one for one in told["accesses"])
    assert (await by(world, "stranger", "applications", "/me/accesses")).content["total"] == 0
    assert (await by(world, "natural", "applications", "/me/accesses")).content["total"] == 0


async def test_the_owner_looking_at_their_own_is_not_written_down(world: World) -> None:
    assert (await by(world, "owner", "applications", f"/enterprises/{ENTERPRISES['owner']}")).status == 200
    assert (await by(world, "owner", "identity", "/me")).status == 200
    assert await entries(world, "applications", kind="read") == await entries(world, "identity", kind="read") == []


async def test_what_is_hidden_from_somebody_is_not_opened(world: World) -> None:
    await by(world, "auditor@js_city", "applications", f"/enterprises/{ENTERPRISES['owner']}")
    assert {one["label"] for one in await entries(world, "applications", kind="read")} == {
        "legal_representative", "contact", "contact_mobile", "email",
    }  # fmt: skip
    shown = (await by(world, "auditor@js_city", "applications", f"/enterprises/{ENTERPRISES['owner']}")).content
    assert shown["profile"]["contact"] == "张*" and "张三" not in str(shown)


async def test_refusals_are_written_down_also_those_that_look_like_nothing(world: World) -> None:
    params = world.things["review"]["case", "county", "opened"]
    path = f"/cases/{params['enterprise']}/{params['application']}"
    assert (await by(world, "reviewer@js_beside", "review", path)).status == 404
    assert (await by(world, "auditor@js_beside", "review", "/accesses/verification")).status == 403
    noted = await entries(world, "review", kind="refusal")
    assert [(one["action"], one["reason"]) for one in noted] == [
        ("review.read_case", "outside-jurisdiction"), ("review.verify_accesses", "role-not-allowed"),
    ]  # fmt: skip


async def test_forged_tokens_are_written_down_and_nobody_fills_the_log_with_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(problems, "_forged", PerMinute(each=10, all_=300))
    good = next(one for one in world.people if one.name == "owner").token
    header, claims, signature = good.split(".")
    none = urlsafe_b64encode(b'{"alg":"none","kid":"k"}').rstrip(b"=").decode()
    forged = {
        f"{header}.{claims}.{signature[:-4]}AAAA": "token-forged",
        f"{none}.{claims}.": "token-of-an-unknown-key",
        "nonsense": "token-forged",
    }
    for token in forged:
        assert (await me(world, token)).status == 401
    assert [(one["reason"], one["action"], one["from"]) for one in await entries(world, "review", kind="refusal")] == [
        (reason, "platform.token", "10.7.7.7") for reason in forged.values()
    ]
    for _ in range(50):
        await me(world, "nonsense")
    assert len(await entries(world, "review", kind="refusal")) == 10
    assert world.runtimes["review"].notes.dropped == 43
    written = str(await entries(world, "review"))
    assert claims not in written and signature not in written


async def test_a_token_that_has_run_out_is_nothing_to_write_down(world: World) -> None:
    good = next(one for one in world.people if one.name == "owner").token
    world.runtimes["identity"].wall.now += 400_000  # type: ignore[attr-defined]
    assert (await me(world, good)).status == 401
    assert await entries(world, "review", kind="refusal") == []


async def me(world: World, token: str) -> Answer:
    headers = {"authorization": f"Bearer {token}"}
    answer = await ask(world.apps["review"], "GET", "/api/review/me/accesses", headers=headers, address="10.7.7.7")
    await world.runtimes["review"].notes.settled()
    return answer


async def test_auditors_see_their_region_and_the_audit_administrator_everything(world: World) -> None:
    path = f"/enterprises/{ENTERPRISES['owner']}"
    await by(world, "reviewer@js_county", "applications", path)
    totals = {
        who: (await by(world, who, "applications", "/accesses", kind="read")).content["total"]
        for who in ("auditor@js_county", "auditor@js_city", "auditor@js_beside", "auditor@zj_province", "auditor@fj_province",
                    "auditor@ministry", "audit_administrator@platform")
    }  # fmt: skip
    assert totals == {
        "auditor@js_county": 4, "auditor@js_city": 4, "auditor@js_beside": 0, "auditor@zj_province": 0,
        "auditor@fj_province": 0, "auditor@ministry": 4, "audit_administrator@platform": 4,
    }  # fmt: skip
    checked = (await by(world, "audit_administrator@platform", "applications", "/accesses/verification")).content
    assert checked["intact"] and checked["entries"] == 4


async def test_a_log_that_somebody_has_changed_says_where(world: World) -> None:
    await by(world, "reviewer@js_county", "applications", f"/enterprises/{ENTERPRISES['owner']}")
    await world.runtimes["applications"].notes.documents.update("000000000002", {"why": "nothing"})
    checked = (await by(world, "audit_administrator@platform", "applications", "/accesses/verification")).content
    assert not checked["intact"] and checked["fault"] == {"n": 2, "what": "it was changed"}


async def test_a_log_whose_end_somebody_has_cut_off_says_so(world: World) -> None:
    runtime = world.runtimes["applications"]
    await by(world, "reviewer@js_county", "applications", f"/enterprises/{ENTERPRISES['owner']}")
    for _ in range(2):
        await attest(runtime)
    assert (await runtime.state(attesting_decider, stream_of("applications"))).version == 1, "nothing new, nothing said"
    checked = (await by(world, "audit_administrator@platform", "applications", "/accesses/verification")).content
    assert checked["intact"] and checked["attested"] == {"n": 4, "hash": checked["head"]}
    await runtime.notes.documents.delete({"n": {"$gt": 2}})
    checked = (await by(world, "audit_administrator@platform", "applications", "/accesses/verification")).content
    assert checked["fault"] == {"n": 3, "what": "its end is missing"}


async def test_a_copy_of_evidence_that_an_official_takes_is_written_down(world: World) -> None:
    params = world.things["applications"]["filing", "county", "submitted"]
    path = f"/applications/{params['application']}/evidence/{params['sha256']}"
    assert (await by(world, "owner", "applications", path)).status == 200
    assert (await by(world, "reviewer@js_province", "applications", path)).status == 200
    [export] = await entries(world, "applications", kind="export")
    assert export["label"] == f"evidence:{params['sha256']}"
    assert (await by(world, "owner", "applications", "/me/accesses")).content["accesses"][0]["kind"] == "export"


async def test_sign_ins_and_those_that_failed_are_written_down_without_the_name_that_was_typed(world: World) -> None:
    body = {"login": "nobody99", "password": "Wrong-pass-1"}
    app = world.apps["identity"]
    for login in ("nobody99", "system@tidu"):
        await ask(app, "POST", "/api/identity/session", headers={}, body=body | {"login": login}, address="10.7.7.8")
    good = {"login": "system@tidu", "password": "local-only-Admin1"}
    assert (await ask(app, "POST", "/api/identity/session", headers={}, body=good, address="10.7.7.9")).status == 200
    await world.runtimes["identity"].notes.settled()
    kinds = [one["kind"] for one in await entries(world, "identity") if one["kind"].startswith("sign-in")]
    assert sorted(kinds) == ["sign-in", "sign-in-failed", "sign-in-failed"]
    assert "nobody99" not in str(await entries(world, "identity"))
