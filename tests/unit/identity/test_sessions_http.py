"""我的登录: seeing and ending one's sessions; a session that somebody else chose is of no use to them."""

from datetime import timedelta

from tests.unit.identity.kit import NOW
from tests.unit.identity.shell import Browser, Stage
from tests.unit.identity.stories import PASSWORD, on_stage, registered
from tests.unit.identity.test_offices_http import appointed, office, signed_in
from tests.unit.identity.test_second_factor_http import LOGIN, attempt, code_of, enrolled


async def two(stage: Stage) -> tuple[Browser, Browser]:
    first, second = await registered(stage), stage.browser("10.0.0.2")
    stage.wall.pass_seconds(60)
    assert (await second.sign_in("xiamen01", PASSWORD)).status_code == 200
    return first, second


@on_stage
async def test_one_sees_and_ends_ones_own_sessions(stage: Stage) -> None:
    first, second = await two(stage)
    listed = (await second.get("/me/sessions")).json()["sessions"]
    assert [one["current"] for one in listed] == [True, False]
    assert listed[1]["started"] == NOW.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert (await second.ask("DELETE", f"/me/sessions/{listed[1]['sid']}")).status_code == 204
    assert (await first.get("/me")).status_code == 401
    assert (await first.post("/session/refresh")).status_code == 401
    assert (await second.get("/me")).status_code == 200
    assert len((await second.get("/me/sessions")).json()["sessions"]) == 1


@on_stage
async def test_another_session_is_ended_shortly_after_a_proof_only(stage: Stage) -> None:
    """Signing in was one; later the password is shown again. Leaving one's own needs none."""
    first, second = await two(stage)
    stage.wall.pass_seconds(700)
    first.token, second.token = [(await one.post("/session/refresh")).json()["access_token"] for one in (first, second)]
    listed = (await second.get("/me/sessions")).json()["sessions"]
    ours, theirs = sorted(listed, key=lambda one: not one["current"])
    for method, path, body in (
        ("DELETE", f"/me/sessions/{theirs['sid']}", None), ("POST", "/me/revocation", {"reason": "遗失"}),
    ):  # fmt: skip
        stale = await second.ask(method, path, body)
        assert (stale.status_code, stale.json()["code"]) == (403, "platform.step-up-required")
        assert "登录密码" in stale.json()["way_out"]
    wrong = await second.post("/session/step-up", {"password": "Wrong-pass-1"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "identity.password-wrong")
    assert (await second.ask("DELETE", f"/me/sessions/{theirs['sid']}")).status_code == 403
    assert (await second.post("/session/step-up", {"password": PASSWORD})).status_code == 200
    assert (await second.ask("DELETE", f"/me/sessions/{theirs['sid']}")).status_code == 204
    stage.wall.pass_seconds(200)
    assert (await first.get("/me")).status_code == 401
    assert (await second.ask("DELETE", f"/me/sessions/{ours['sid']}")).status_code == 204


@on_stage
async def test_an_official_with_a_second_factor_does_not_show_the_password_instead(stage: Stage) -> None:
    await appointed(await stage.administrator(), LOGIN, office("reviewer"))
    browser = await signed_in(stage, LOGIN)
    secret, _ = await enrolled(stage, browser)
    other = await attempt(stage, code=code_of(stage, secret))
    stage.wall.pass_seconds(700)
    asked = await browser.post("/session/step-up", {"password": PASSWORD})
    assert (asked.status_code, asked.json()["code"]) == (401, "identity.second-factor-needed")
    proven = await browser.post("/session/step-up", {"code": code_of(stage, secret)})
    browser.token = proven.json()["access_token"]
    assert (await browser.ask("DELETE", f"/me/sessions/{other.json()['sid']}")).status_code == 204


@on_stage
async def test_anothers_session_is_as_if_there_were_none(stage: Stage) -> None:
    first, _ = await two(stage)
    other = await registered(stage, login="another1", phone="13700137000")
    sid = (await first.get("/me/sessions")).json()["sessions"][0]["sid"]
    answer = await other.ask("DELETE", f"/me/sessions/{sid}")
    nothing = await other.ask("DELETE", "/me/sessions/" + "9" * 32)
    assert (answer.status_code, answer.json()) == (404, nothing.json())
    assert (await first.get("/me")).status_code == 200


@on_stage
async def test_sessions_that_have_run_out_are_not_shown(stage: Stage) -> None:
    _, second = await two(stage)
    stage.wall.pass_seconds(timedelta(hours=3).total_seconds())
    third = stage.browser("10.0.0.3")
    await third.sign_in("xiamen01", PASSWORD)
    assert len((await third.get("/me/sessions")).json()["sessions"]) == 1
    assert (await second.post("/session/refresh")).status_code == 401


@on_stage
async def test_a_session_fixed_beforehand_is_never_taken_over(stage: Stage) -> None:
    """Whoever plants their own cookie in another's browser does not get that other's session, nor is theirs lifted to it."""
    attacker = await registered(stage, login="attacker", phone="13700137000")
    planted = attacker.http.cookies["tidu_test"]
    victim = await registered(stage)
    victim.http.cookies.clear()
    victim.http.cookies.set("tidu_test", planted, domain="127.0.0.1", path="/api/identity/session")
    before = attacker.token
    assert (await victim.sign_in("xiamen01", PASSWORD)).status_code == 200
    sids = {one["sid"] for one in (await victim.get("/me/sessions")).json()["sessions"]}
    assert planted.partition(".")[0] not in sids
    attacker.token = before
    assert (await attacker.get("/me")).json()["login"] == "attacker"
    again = (await attacker.post("/session/refresh")).json()
    assert again["sid"] == planted.partition(".")[0] and again["id"] == (await attacker.get("/me")).json()["id"]


@on_stage
async def test_a_cookie_that_was_made_up_opens_nothing(stage: Stage) -> None:
    victim = await registered(stage)
    sid = (await victim.get("/me/sessions")).json()["sessions"][0]["sid"]
    for value in (sid, f"{sid}.", f"{sid}.guess", ".guess", "..", '{"$ne": ""}.x', "x" * 5000):
        stranger = stage.browser("10.0.0.9")
        stranger.http.cookies.set("tidu_test", value, domain="127.0.0.1", path="/api/identity/session")
        answer = await stranger.post("/session/refresh")
        assert (answer.status_code, answer.json()["code"]) == (401, "identity.session-over"), value
    assert (await victim.post("/session/refresh")).status_code == 200
