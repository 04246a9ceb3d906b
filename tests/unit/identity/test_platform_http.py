"""The administrator, officials and their appointments, business time and signing keys, over HTTP on the memory store."""

from tests.unit.identity.shell import Stage
from tests.unit.identity.stories import APPOINTMENT, PASSWORD, REGISTRATION, claims_of, on_stage, registered


@on_stage
async def test_the_administrator_exists_once(stage: Stage) -> None:
    for hook in stage.runtime.service.on_start:
        await hook(stage.runtime)
    keys = (await stage.browser().get("/.well-known/jwks.json")).json()["keys"]
    assert len(keys) == 1
    assert set(keys[0]) == {"kty", "crv", "x", "kid", "alg", "use"}
    me = (await (await stage.administrator()).get("/me")).json()
    assert me["office"]["role"] == "system_administrator"
    assert len(me["appointments"]) == 1


@on_stage
async def test_an_official_is_appointed_and_signs_in(stage: Stage) -> None:
    admin = await stage.administrator()
    answer = await admin.post("/officials", APPOINTMENT)
    assert answer.status_code == 201, answer.text
    officer = stage.browser()
    signed_in = (await officer.sign_in("nanjing01", PASSWORD)).json()
    assert signed_in["appointment"] == answer.json()["appointment"]
    assert (await claims_of(stage, signed_in["access_token"]))["appointment"] == signed_in["appointment"]
    assert (await officer.get("/me")).json()["office"] == APPOINTMENT["office"]
    assert (await officer.post("/officials", APPOINTMENT)).json()["code"] == "platform.not-permitted"
    listed = (await admin.get("/officials?region=320102")).json()
    assert [o["name"] for o in listed["officials"]] == ["李*"]


@on_stage
async def test_of_several_appointments_one_is_chosen(stage: Stage) -> None:
    admin = await stage.administrator()
    first = (await admin.post("/officials", APPOINTMENT)).json()
    city = {"authority": "320000", "level": "city", "region": "320100", "role": "window_manager"}
    second = await admin.post(
        f"/officials/{first['official']}/appointments", {"office": city, "document": "宁工信人〔2024〕2号"}
    )
    assert second.status_code == 201, second.text
    officer = stage.browser()
    signed_in = (await officer.sign_in("nanjing01", PASSWORD)).json()
    assert signed_in["appointment"] is None
    assert {a["appointment"] for a in signed_in["appointments"]} == {first["appointment"], second.json()["appointment"]}
    chosen = await officer.post("/session/appointment", {"appointment": second.json()["appointment"]})
    officer.token = chosen.json()["access_token"]
    assert (await officer.get("/me")).json()["office"] == city
    named = await stage.browser().sign_in("nanjing01", PASSWORD, appointment=first["appointment"])
    assert named.json()["appointment"] == first["appointment"]
    foreign = await officer.post("/session/appointment", {"appointment": "f" * 32})
    assert foreign.json()["code"] == "identity.not-appointed"


@on_stage
async def test_an_ended_appointment_is_of_no_use_at_once(stage: Stage) -> None:
    admin = await stage.administrator()
    made = (await admin.post("/officials", APPOINTMENT)).json()
    officer = stage.browser()
    await officer.sign_in("nanjing01", PASSWORD)
    path = f"/officials/320000/{made['official']}"
    assert (await admin.post(f"{path}/appointments/{made['appointment']}/end", {"reason": "调离"})).status_code == 201
    assert (await officer.get("/me")).status_code == 401
    assert (await stage.browser().sign_in("nanjing01", PASSWORD)).json()["code"] == "identity.not-appointed"
    assert (await admin.get(path)).json()["appointments"][0]["ended"] == "调离"
    again = await admin.post(f"{path}/appointments/{made['appointment']}/end", {"reason": "调离"})
    assert again.json()["unchanged"] is True


@on_stage
async def test_an_officials_login_name_cannot_be_registered_and_the_other_way_round(stage: Stage) -> None:
    admin = await stage.administrator()
    await admin.post("/officials", APPOINTMENT)
    taken = await stage.browser().post("/accounts", REGISTRATION | {"login": "NanJing01"})
    assert taken.json()["code"] == "identity.login-taken"
    await registered(stage)
    answer = await admin.post("/officials", APPOINTMENT | {"login": "xiamen01"})
    assert answer.json()["code"] == "identity.login-taken"
    wrong = await admin.post(
        "/officials", APPOINTMENT | {"login": "another1", "office": APPOINTMENT["office"] | {"region": "350203"}}
    )
    assert wrong.json()["code"] == "identity.office-wrong"


@on_stage
async def test_business_time_is_moved_by_the_administrator_only(stage: Stage) -> None:
    admin = await stage.administrator()
    moved = await admin.post("/clock", {"at": "2027-01-01T00:00:00Z", "reason": "演示"})
    assert moved.status_code == 201, moved.text
    clock = (await stage.browser().get("/clock")).json()
    assert clock["business"] == "2027-01-01T00:00:00.000Z"
    assert clock["wall"] == "2024-05-06T01:00:00.000Z"
    assert (await stage.browser().post("/clock", {"offset_ms": 0})).status_code == 401
    assert (await (await registered(stage)).post("/clock", {"offset_ms": 0})).status_code == 403
    assert (await admin.post("/clock", {})).status_code == 422
    back = await admin.post("/clock", {"offset_ms": 0, "reason": "演示结束"})
    assert back.status_code == 201


@on_stage
async def test_keys_are_rotated_with_notice(stage: Stage) -> None:
    admin = await stage.administrator()
    old = (await stage.browser().get("/.well-known/jwks.json")).json()["keys"][0]["kid"]
    (kid,) = (await admin.post("/signing-keys", {}, key="once")).json()["published"]
    assert (await admin.post("/signing-keys", {}, key="once")).json()["published"] == [kid]
    assert len(await stage.runtime.documents("signing_keys").find({})) == 2
    keys = (await stage.browser().get("/.well-known/jwks.json")).json()["keys"]
    assert {key["kid"] for key in keys} == {old, kid}
    assert (await admin.post(f"/signing-keys/{old}/retirement", {"reason": "更换"})).status_code == 409
    stage.wall.pass_seconds(60)
    admin = await stage.administrator()
    assert (await admin.post(f"/signing-keys/{old}/retirement", {"reason": "更换"})).status_code == 201
    assert (await admin.get("/me")).status_code == 200


@on_stage
async def test_a_private_key_is_never_readable_where_it_lies(stage: Stage) -> None:
    documents = await stage.runtime.documents("signing_keys").find({})
    assert len(documents) == 1
    assert set(documents[0]) == {"_id", "sealed", "at"}
