"""任命、停职、移交、委托 and 三员分立, over HTTP on the memory store."""

import asyncio
from typing import Any

import pytest

from libs.events.contracts.identity import OfficialAppointed
from libs.events.web.desk import events_of
from services.identity.domain.accounts.refusals import PasswordCommon
from tests.unit.identity.kit import NOW
from tests.unit.identity.shell import Browser, Stage, open_stage
from tests.unit.identity.stories import APPOINTMENT, PASSWORD, on_stage

OWN_PASSWORD, COMMON = "Own-pass-word-2", "P@ssw0rd2024!"


def office(role: str, region: str = "320102", level: str = "county", authority: str = "320000") -> dict[str, str]:
    return {"authority": authority, "level": level, "region": region, "role": role}


def platform(role: str) -> dict[str, str]:
    return office(role, "000000", "platform", "platform")


async def appointed(by: Browser, login: str, seat: dict[str, str], **more: Any) -> dict[str, Any]:
    answer = await by.post("/officials", APPOINTMENT | {"login": login, "office": seat, "phone": None} | more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def signed_in(stage: Stage, login: str, password: str = PASSWORD, **more: Any) -> Browser:
    browser = stage.browser(f"10.1.1.{len(login)}")
    answer = await browser.sign_in(login, password, **more)
    assert answer.status_code == 200, answer.text
    return browser


async def one_of_three(stage: Stage, by: Browser, login: str, role: str, phone: str) -> Browser:
    await appointed(by, login, platform(role), phone=phone)
    return await signed_in(stage, login, PASSWORD, new_password=OWN_PASSWORD)


async def three(stage: Stage) -> tuple[Browser, Browser, Browser]:
    system = await stage.administrator()
    security = await one_of_three(stage, system, "secure1", "security_administrator", "13700137001")
    audit = await one_of_three(stage, system, "audits1", "audit_administrator", "13700137002")
    return system, security, audit


@on_stage
async def test_the_level_above_appoints_and_nobody_beside_or_above(stage: Stage) -> None:
    system = await stage.administrator()
    await appointed(system, "province1", office("publisher", "320000", "province"))
    province = await signed_in(stage, "province1")
    await appointed(province, "city1234", office("publisher", "320100", "city"))
    city = await signed_in(stage, "city1234")
    county = await appointed(city, "county12", office("reviewer"))
    denied = {
        "a city beside": (city, office("reviewer", "320200", "city")),
        "a county of another city": (city, office("reviewer", "320205")),
        "their own level": (city, office("reviewer", "320100", "city")),
        "the level above": (city, office("reviewer", "320000", "province")),
        "another authority": (province, office("reviewer", "330102", "county", "330000")),
        "an administrator of the platform": (province, platform("security_administrator")),
    }
    for what, (by, seat) in denied.items():
        answer = await by.post("/officials", APPOINTMENT | {"login": "nobody12", "office": seat})
        assert (answer.status_code, answer.json()["code"]) == (403, "platform.not-permitted"), what
    reviewer = await signed_in(stage, "county12")
    assert (await reviewer.post("/officials", APPOINTMENT)).json()["reason"] == "role-not-allowed"
    path = f"/officials/320000/{county['official']}"
    assert (await city.get(path)).status_code == 200
    assert (await city.post(f"{path}/appointments/{county['appointment']}/end", {"reason": "调离"})).status_code == 201
    assert (await reviewer.get("/me")).status_code == 401


@on_stage
async def test_whoever_appoints_sees_the_officials_of_their_region_and_no_others(stage: Stage) -> None:
    system = await stage.administrator()
    await appointed(system, "citypub1", office("publisher", "320100", "city"))
    here = await appointed(system, "inside12", office("reviewer"))
    away = await appointed(system, "outside1", office("reviewer", "320205"))
    city = await signed_in(stage, "citypub1")
    listed = {one["official"] for one in (await city.get("/officials")).json()["officials"]}
    assert here["official"] in listed and away["official"] not in listed
    assert (await city.get(f"/officials/320000/{away['official']}")).status_code == 403
    assert (await city.get("/officials/320000/" + "9" * 32)).status_code == 403


@on_stage
async def test_suspension_is_at_once_and_ends_with_resumption(stage: Stage) -> None:
    system = await stage.administrator()
    one = await appointed(system, "county12", office("reviewer"))
    reviewer = await signed_in(stage, "county12")
    path = f"/officials/320000/{one['official']}/appointments/{one['appointment']}"
    stage.wall.pass_seconds(1)
    assert (await system.post(f"{path}/suspension", {"reason": "调查"})).status_code == 201
    assert (await reviewer.get("/me")).status_code == 401
    again = stage.browser()
    refused = await again.sign_in("county12", PASSWORD)
    assert (refused.status_code, refused.json()["code"]) == (403, "identity.not-appointed")
    assert (await system.post(f"{path}/resumption", {"reason": "查清"})).status_code == 201
    stage.wall.pass_seconds(1)
    back = await signed_in(stage, "county12")
    assert (await back.get("/me")).json()["office"]["role"] == "reviewer"
    assert (await system.post(f"{path}/resumption", {"reason": "再次"})).json()["code"] == "identity.not-suspended"


@on_stage
async def test_an_office_that_is_handed_over_is_the_successors_alone(stage: Stage) -> None:
    system = await stage.administrator()
    one = await appointed(system, "county12", office("reviewer"))
    other = await appointed(system, "county34", office("auditor"))
    before = await signed_in(stage, "county12")
    path = f"/officials/320000/{one['official']}/appointments/{one['appointment']}/hand-over"
    refused = await system.post(path, {"successor": one["official"], "document": "文号"})
    assert refused.json()["code"] == "identity.delegate-unknown"
    assert (await system.post(path, {"successor": other["official"], "document": "文号"})).status_code == 201
    assert (await before.get("/me")).status_code == 401
    content = (await (await signed_in(stage, "county34")).get("/me")).json()
    assert [a["office"]["role"] for a in content["appointments"]] == ["auditor", "reviewer"]
    assert (await stage.browser().sign_in("county12", PASSWORD)).json()["code"] == "identity.not-appointed"


@on_stage
async def test_a_delegate_acts_for_the_absent_and_every_event_says_so(stage: Stage) -> None:
    system = await stage.administrator()
    absent = await appointed(system, "citypub1", office("publisher", "320100", "city"))
    other = await appointed(system, "standin1", office("auditor", "320100", "city"))
    principal = await signed_in(stage, "citypub1")
    until = "2024-05-20T00:00:00Z"
    granted = await principal.post("/me/delegations", {"delegate": other["official"], "until": until, "reason": "出差"})
    assert granted.status_code == 201, granted.text
    delegated = granted.json()["delegated"]
    delegate = await signed_in(stage, "standin1", appointment=delegated)
    await appointed(delegate, "county56", office("reviewer"))
    said = [
        commit for shard in range(6) for commit in await stage.runtime.store.read_shard(shard, 0, 10_000)
        if any(isinstance(e, OfficialAppointed) and e.office.region == "320102" for e in events_of(commit))
    ]  # fmt: skip
    assert said[-1].actor.startswith(f"official:{other['official']};") and said[-1].actor.endswith(
        f"for={absent['official']}"
    )
    again = await delegate.post("/me/delegations", {"delegate": absent["official"], "until": until, "reason": "再委托"})
    assert again.json()["code"] == "identity.not-delegable"
    assert (await principal.post(f"/me/delegations/{delegated}/end", {"reason": "返岗"})).status_code == 201
    assert (await delegate.get("/me")).status_code == 401
    long = {"delegate": other["official"], "until": "2025-05-20T00:00:00Z", "reason": "长期"}
    assert (await principal.post("/me/delegations", long)).json()["code"] == "identity.delegation-too-long"


@on_stage
async def test_a_delegation_ends_with_the_appointment_it_is_of(stage: Stage) -> None:
    system = await stage.administrator()
    absent = await appointed(system, "citypub1", office("publisher", "320100", "city"))
    other = await appointed(system, "standin1", office("auditor", "320100", "city"))
    principal = await signed_in(stage, "citypub1")
    body = {"delegate": other["official"], "until": "2024-05-20T00:00:00Z", "reason": "出差"}
    delegated = (await principal.post("/me/delegations", body)).json()["delegated"]
    delegate = await signed_in(stage, "standin1", appointment=delegated)
    path = f"/officials/320000/{absent['official']}/appointments/{absent['appointment']}/suspension"
    assert (await system.post(path, {"reason": "调查"})).status_code == 201
    assert (await delegate.get("/me")).status_code == 401


@on_stage
async def test_nobody_is_two_of_the_three_administrators(stage: Stage) -> None:
    system, security, _ = await three(stage)
    same_phone = APPOINTMENT | {"login": "another1", "office": platform("audit_administrator"), "phone": "13700137001"}
    refused = await system.post("/officials", same_phone)
    assert (refused.status_code, refused.json()["code"]) == (409, "identity.separated-duties")
    typed_otherwise = same_phone | {"phone": "+86 137-0013-7001"}
    assert (await system.post("/officials", typed_otherwise)).json()["code"] == "identity.separated-duties"
    without = await system.post("/officials", same_phone | {"phone": None})
    assert (without.status_code, without.json()["code"]) == (422, "identity.personal-phone-missing")
    official = (await security.get("/me")).json()["id"]
    more = {"document": "文号", "office": platform("audit_administrator")}
    again = await system.post(f"/officials/{official}/appointments", more)
    assert again.json()["code"] == "identity.separated-duties"


@on_stage
async def test_after_their_appointment_has_ended_they_may_take_another(stage: Stage) -> None:
    system, _, _ = await three(stage)
    listed = (await system.get("/officials?authority=platform")).json()["officials"]
    found = next(o for o in listed if o["appointments"][0]["office"]["role"] == "security_administrator")
    path = f"/officials/platform/{found['official']}/appointments/{found['appointments'][0]['appointment']}/end"
    assert (await system.post(path, {"reason": "轮岗"})).status_code == 201
    await appointed(system, "another1", platform("audit_administrator"), phone="13700137001")


@on_stage
async def test_none_of_the_three_can_act_as_another(stage: Stage) -> None:
    system, security, audit = await three(stage)
    assert (
        await system.post("/officials", APPOINTMENT | {"office": platform("system_administrator")})
    ).status_code == 403
    assert (await audit.post("/officials", APPOINTMENT)).status_code == 403
    assert (await security.post("/officials", APPOINTMENT)).status_code == 403
    for browser in (security, audit):
        assert (await browser.post("/signing-keys", {})).status_code == 403
        assert (await browser.post("/clock", {"offset_ms": 1, "reason": "演示"})).status_code == 403
    assert (await system.get("/acts")).status_code == 403
    for browser in (security, audit):
        assert (await browser.get("/acts")).status_code == 200


@on_stage
async def test_whoever_was_given_a_password_for_such_an_office_sets_their_own_first(stage: Stage) -> None:
    system = await stage.administrator()
    await appointed(system, "secure1", platform("security_administrator"), phone="13700137001")
    browser = stage.browser()
    refused = await browser.sign_in("secure1", PASSWORD)
    assert (refused.status_code, refused.json()["code"]) == (403, "identity.password-set-by-another")
    same = await browser.sign_in("secure1", PASSWORD, new_password=PASSWORD)
    assert same.json()["code"] == "identity.password-not-allowed"
    weak = await browser.sign_in("secure1", PASSWORD, new_password="short")
    assert weak.json()["code"] == "identity.password-not-allowed"
    common = await browser.sign_in("secure1", PASSWORD, new_password=COMMON)
    assert (common.status_code, common.json()["code"]) == (422, "identity.password-common")
    assert (await browser.sign_in("secure1", PASSWORD, new_password=OWN_PASSWORD)).status_code == 200
    assert (await stage.browser().sign_in("secure1", PASSWORD)).status_code == 401
    assert (await stage.browser().sign_in("secure1", OWN_PASSWORD)).status_code == 200


@on_stage
async def test_an_officials_password_is_chosen_by_the_same_rules_as_an_enterprises(stage: Stage) -> None:
    """Whoever appoints hears everything that is wrong together; the list of common passwords is one for all."""
    system, seat = await stage.administrator(), office("reviewer")
    common, short = "identity.password-common", "identity.password-not-allowed"
    for password, codes in ((COMMON, {common}), ("123456", {short, common})):
        answer = await system.post("/officials", APPOINTMENT | {"office": seat, "password": password})
        told = answer.json()
        assert {one["code"] for one in told.get("refusals", [told])} == codes
    assert (await system.post("/officials", APPOINTMENT | {"office": seat})).status_code == 201


def test_a_common_password_makes_nobody_the_system_administrator() -> None:
    with pytest.raises(PasswordCommon):
        asyncio.run(open_stage(NOW, password=COMMON))


@on_stage
async def test_each_ones_acts_are_reviewed_by_another(stage: Stage) -> None:
    system, security, audit = await three(stage)
    await appointed(system, "county12", office("reviewer"))
    acts = (await audit.get("/acts?role=system_administrator&open=true")).json()
    assert acts["total"] == 3 and {act["finding"] for act in acts["acts"]} == {None}
    act = acts["acts"][0]["act"]
    body = {"finding": "in_order"}
    wrong = await security.post(f"/acts/{act}/review", body)
    assert (wrong.status_code, wrong.json()["code"]) == (403, "identity.not-your-review")
    assert (await system.post(f"/acts/{act}/review", body)).status_code == 403
    objection = await audit.post(f"/acts/{act}/review", {"finding": "objection"})
    assert objection.json()["code"] == "identity.note-missing"
    assert (await audit.post(f"/acts/{act}/review", body)).status_code == 201
    assert (await audit.post(f"/acts/{act}/review", body)).json()["code"] == "identity.already-reviewed"
    assert (await audit.get("/acts?role=system_administrator&open=true")).json()["total"] == 2
    assert (await audit.post(f"/acts/{'9' * 32}.1/review", body)).json()["code"] == "identity.act-unknown"


@on_stage
async def test_what_an_ordinary_official_did_is_no_administrators_act(stage: Stage) -> None:
    system, _, audit = await three(stage)
    await appointed(system, "citypub1", office("publisher", "320100", "city"))
    city = await signed_in(stage, "citypub1")
    made = await appointed(city, "county12", office("reviewer"))
    refused = await audit.post(f"/acts/{made['command']}.1/review", {"finding": "in_order"})
    assert refused.json()["code"] == "identity.act-unknown"
