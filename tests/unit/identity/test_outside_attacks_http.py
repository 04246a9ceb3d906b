"""统一登录 attacked over real HTTP: what comes back to us is not what this browser began, or not who it says."""

from urllib.parse import parse_qs, urlencode, urlsplit

from libs.events.contracts.accounts import OutsideIdentityLinked
from services.identity import attempts
from tests.unit.identity.abroad import NAME, Abroad, abroad, provider, story_with
from tests.unit.identity.kit import RULES
from tests.unit.identity.shell import Stage
from tests.unit.identity.stories import PASSWORD, on_stage, registered
from tests.unit.identity.test_ways_out import said

BROKEN = (400, "identity.outside-sign-in-broken")


def with_query(address: str, **changes: str) -> str:
    """The address with other parameters; an empty one is left out."""
    parts = urlsplit(address)
    given = {name: values[0] for name, values in parse_qs(parts.query).items()} | changes
    return parts._replace(query=urlencode({name: value for name, value in given.items() if value})).geturl()


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def told(answer) -> tuple[int, str]:  # type: ignore[no-untyped-def]
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert answer.json()["way_out"]
    return answer.status_code, answer.json()["code"]


@abroad()
async def test_a_state_that_is_missing_or_wrong_or_anothers_ends_the_sign_in(place: Abroad) -> None:
    browser, other = place.traveller(), place.traveller()
    address = await browser.at_provider(await browser.to_provider(), "zhang")
    foreign = query_of(await other.to_provider())["state"]
    for state in ("", "made-up", foreign):
        assert told(await browser.back(with_query(address, state=state))) == BROKEN, state
    # None of these used it up: the browser's own still counts.
    assert (await browser.back(address)).status_code == 303


@abroad()
async def test_a_callback_in_a_browser_that_did_not_begin_it_ends_there(place: Abroad) -> None:
    """Else whoever sends the link of their own callback has the other signed in as themselves."""
    thief, victim = place.traveller(), place.traveller()
    address = await thief.at_provider(await thief.to_provider(), "thief")
    assert told(await victim.back(address)) == BROKEN
    await victim.to_provider()
    assert told(await victim.back(address)) == BROKEN
    assert "tidu_test" not in victim.http.cookies


@abroad()
async def test_a_callback_counts_once(place: Abroad) -> None:
    browser = place.traveller()
    address = await browser.at_provider(await browser.to_provider(), "zhang")
    kept = dict(browser.http.cookies)
    assert (await browser.back(address)).status_code == 303
    browser.http.cookies.update(kept)
    assert told(await browser.back(address)) == BROKEN


@abroad()
async def test_a_sign_in_that_took_too_long_is_over(place: Abroad) -> None:
    browser = place.traveller()
    address = await browser.at_provider(await browser.to_provider(), "zhang")
    place.stage.wall.pass_seconds(RULES["outside"]["flow_seconds"])
    assert told(await browser.back(address)) == BROKEN


@abroad()
async def test_a_cookie_that_was_changed_or_made_up_opens_nothing(place: Abroad) -> None:
    browser = place.traveller()
    address = await browser.at_provider(await browser.to_provider(), "zhang")
    (name,) = [name for name in browser.http.cookies if "flow" in name]
    good = browser.http.cookies[name]
    for bad in (good[:-4] + "AAAA", "A" * 200, "x", ""):
        browser.http.cookies.clear()
        browser.http.cookies.set(name, bad)
        assert told(await browser.back(address)) == BROKEN, bad


@abroad()
async def test_a_code_that_was_used_before_is_refused(place: Abroad) -> None:
    victim, thief = place.traveller(), place.traveller()
    address = await victim.at_provider(await victim.to_provider(), "zhang")
    assert (await victim.back(address)).status_code == 303
    own = await thief.at_provider(await thief.to_provider(), "thief")
    answer = await thief.back(with_query(own, code=query_of(address)["code"]))
    assert told(answer) == (401, "identity.outside-identity-not-proven") and answer.json()["reason"] == "code"


@abroad()
async def test_anothers_fresh_code_fails_for_its_verifier_is_in_the_others_browser(place: Abroad) -> None:
    victim, thief = place.traveller(), place.traveller()
    stolen = query_of(await victim.at_provider(await victim.to_provider(), "zhang"))["code"]
    own = await thief.at_provider(await thief.to_provider(), "thief")
    answer = await thief.back(with_query(own, code=stolen))
    assert told(answer) == (401, "identity.outside-identity-not-proven") and answer.json()["reason"] == "code"
    assert "tidu_test" not in thief.http.cookies


@abroad()
async def test_a_token_of_another_sign_in_is_refused_by_its_nonce(place: Abroad) -> None:
    browser = place.traveller()
    address = with_query(await browser.to_provider(), nonce="anothers")
    answer = await browser.back(await browser.at_provider(address, "zhang"))
    assert told(answer) == (401, "identity.outside-identity-not-proven") and answer.json()["reason"] == "nonce"


@abroad()
async def test_an_answer_in_another_issuers_name_or_at_anothers_address_is_refused(place: Abroad) -> None:
    browser = place.traveller()
    address = await browser.at_provider(await browser.to_provider(), "zhang")
    moved = address.replace(f"/providers/{NAME}/", "/providers/other/")
    assert told(await browser.back(moved)) == BROKEN
    answer = await browser.back(with_query(address, iss="https://evil.example"))
    assert told(answer) == (401, "identity.outside-identity-not-proven") and answer.json()["reason"] == "issuer"
    again = await browser.at_provider(await browser.to_provider(), "zhang")
    assert (await browser.back(with_query(again, iss=place.issuer))).status_code == 303


@abroad()
async def test_a_code_for_another_client_is_refused(place: Abroad) -> None:
    browser = place.traveller()
    address = with_query(await browser.to_provider(), client_id="somebody-else")
    answer = await browser.back(await browser.at_provider(address, "zhang"))
    assert told(answer) == (401, "identity.outside-identity-not-proven")
    assert not await said(place, OutsideIdentityLinked)


def test_a_provider_whose_own_document_names_another_issuer_is_not_believed() -> None:
    async def story(place: Abroad) -> None:
        answer = await place.traveller().http.get(f"/providers/{NAME}/sign-in")
        assert told(answer) == (503, "identity.provider-unavailable")

    with provider() as issuer:
        story_with(story, f"{issuer}/")


@abroad()
async def test_the_provider_says_no(place: Abroad) -> None:
    browser = place.traveller()
    state = query_of(await browser.to_provider())["state"]
    callback = f"/providers/{NAME}/callback?error=access_denied&state={state}"
    answer = await browser.back(callback)
    assert told(answer) == (401, "identity.provider-refused")
    assert answer.json()["provider_error"] == "access_denied"


def test_a_sign_in_ends_at_our_own_pages_only() -> None:
    """All forms of it: tests/unit/identity/test_outside_targets.py."""

    async def story(place: Abroad) -> None:
        browser = place.traveller()
        for target in (
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/%2fevil.example",
            "/elsewhere",
            "",
        ):
            answer = await browser.http.get(f"/providers/{NAME}/sign-in", params={"return_to": target})
            assert told(answer) == (422, "identity.return-not-allowed"), target
        assert not browser.http.cookies

    story_with(story, "http://127.0.0.1:1", return_paths=("/portal",))


def test_a_provider_that_is_away_leaves_the_other_way_in() -> None:
    async def story(place: Abroad) -> None:
        answer = await place.traveller().http.get(f"/providers/{NAME}/sign-in")
        assert told(answer) == (503, "identity.provider-unavailable")
        assert "登录名和密码" in answer.json()["way_out"]

    story_with(story, "http://127.0.0.1:1")


@abroad()
async def test_a_session_fixed_beforehand_is_never_taken_over(place: Abroad) -> None:
    await registered(place.stage)
    browser = place.traveller()
    await browser.travel("zhang")
    ticket = (await browser.ask("GET", "/outside-identity")).json()["ticket"]
    body = {"ticket": ticket, "login": "xiamen01", "password": PASSWORD}
    await browser.ask("POST", "/outside-identity/linking", body)
    fixed = "0" * 32 + ".fixed"
    victim = place.traveller()
    victim.http.cookies.set("tidu_test", fixed, domain="127.0.0.1", path="/api/identity/session")
    await victim.travel("zhang")
    values = [cookie.value for cookie in victim.http.cookies.jar if cookie.name == "tidu_test"]
    assert values and fixed not in values
    assert (await victim.refresh()).status_code == 200


@abroad()
async def test_sign_ins_that_end_nowhere_count_against_the_address(place: Abroad) -> None:
    browser, runtime = place.traveller(), place.stage.runtime
    documents, key = runtime.documents(attempts.COLLECTION), runtime.sealer.blind("address", "127.0.0.1")
    await browser.to_provider()
    assert await documents.update(key, {"count": RULES["sign_in"]["attempts_per_address"]}, {"count": 1})
    answer = await browser.http.get(f"/providers/{NAME}/sign-in", params={"return_to": "/"})
    assert answer.status_code == 429 and answer.json()["code"] == "identity.too-many-attempts"
    by_password = await browser.ask("POST", "/session", {"login": "nobody9", "password": "Wrong-pass-1"})
    assert by_password.status_code == 429


def test_without_providers_the_routes_say_so() -> None:
    @on_stage
    async def story(stage: Stage) -> None:
        browser = stage.browser()
        assert (await browser.get("/providers")).json() == {"providers": []}
        for path in (f"/providers/{NAME}/sign-in", f"/providers/{NAME}/callback?state=x&code=y"):
            answer = await browser.get(path)
            assert told(answer) == (404, "identity.provider-unknown")

    story()
