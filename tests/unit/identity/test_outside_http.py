"""统一登录 over real HTTP: a real provider, our app, and the redirects between them."""

from urllib.parse import parse_qs, urlsplit

from libs.events.contracts.accounts import OutsideIdentityLinked, OutsideIdentityUnlinked
from services.identity import attempts
from services.identity.domain.accounts.upkeep import CloseAccount
from tests.unit.identity.abroad import CLIENT, NAME, Abroad, Traveller, abroad
from tests.unit.identity.kit import COMPANY
from tests.unit.identity.shell import ADMIN_LOGIN, ADMIN_PASSWORD
from tests.unit.identity.stories import PASSWORD, REGISTRATION, registered, verified
from tests.unit.identity.test_ways_out import said

CLAIMS = {"credit_code": COMPANY, "enterprise_name": "厦门某某科技有限公司"}
TRUSTED = {"links_by_credit_code": True}


async def ticket_of(browser: Traveller) -> dict[str, object]:
    answer = await browser.ask("GET", "/outside-identity")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def linked_by_password(browser: Traveller, login: str = "xiamen01", password: str = PASSWORD):  # type: ignore[no-untyped-def]
    ticket = (await ticket_of(browser))["ticket"]
    return await browser.ask(
        "POST", "/outside-identity/linking", {"ticket": ticket, "login": login, "password": password}
    )


@abroad()
async def test_the_browser_is_sent_with_state_nonce_and_pkce(place: Abroad) -> None:
    address = urlsplit(await place.traveller().to_provider())
    sent = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert f"{address.scheme}://{address.netloc}" == place.issuer
    assert (sent["response_type"], sent["client_id"], sent["code_challenge_method"]) == ("code", CLIENT, "S256")
    assert sent["redirect_uri"] == f"{place.origin}/api/identity/providers/{NAME}/callback"
    assert min(len(sent[name]) for name in ("state", "nonce", "code_challenge")) >= 43


@abroad(**TRUSTED)
async def test_where_the_provider_vouches_the_credit_code_links_and_signs_in(place: Abroad) -> None:
    await verified(place.stage)
    browser, subject = place.traveller(), await place.person("zhang", **CLAIMS)
    back = await browser.travel(subject, "/portal/home?tab=1")
    assert (back.status_code, back.headers["location"]) == (303, "/portal/home?tab=1#outside=signed-in")
    assert (await browser.refresh()).json()["credit_code"] == COMPANY
    (event,) = await said(place, OutsideIdentityLinked)
    assert (event.provider, event.method, event.credit_code) == (NAME, "credit-code", COMPANY)
    documents, key = (
        place.stage.runtime.documents(attempts.COLLECTION),
        place.stage.runtime.sealer.blind("address", "127.0.0.1"),
    )
    assert (await documents.get(key) or {})["count"] == 0
    again = place.traveller()
    assert (await again.travel(subject)).headers["location"] == "/portal#outside=signed-in"
    assert len(await said(place, OutsideIdentityLinked)) == 1


@abroad(verified_claim="code_verified", **TRUSTED)
async def test_a_claim_that_the_provider_has_not_verified_never_links(place: Abroad) -> None:
    await verified(place.stage)
    for subject, claim in (("one", {}), ("two", {"code_verified": False}), ("three", {"code_verified": "true"})):
        browser = place.traveller()
        back = await browser.travel(await place.person(subject, **CLAIMS, **claim))
        assert back.headers["location"] == "/portal#outside=link", subject
        assert (await browser.refresh()).status_code == 401
    assert not await said(place, OutsideIdentityLinked)


@abroad()
async def test_elsewhere_the_account_proves_itself_by_its_password_first(place: Abroad) -> None:
    await verified(place.stage)
    browser = place.traveller()
    back = await browser.travel(await place.person("zhang", **CLAIMS))
    assert back.headers["location"] == "/portal#outside=link"
    assert (await browser.refresh()).status_code == 401
    told = await ticket_of(browser)
    assert (told["next"], told["credit_code"], told["why"]["code"]) == ("link", COMPANY, "identity.outside-not-linked")  # type: ignore[index]
    assert (await linked_by_password(browser, password="Wrong-pass-1")).status_code == 401
    answer = await linked_by_password(browser)
    assert answer.status_code == 200 and answer.json()["credit_code"] == COMPANY
    assert (await browser.ask("GET", "/outside-identity")).json()["code"] == "identity.outside-ticket-over"
    assert (await place.traveller().travel("zhang")).headers["location"] == "/portal#outside=signed-in"


@abroad()
async def test_another_enterprises_account_cannot_be_linked_with_it(place: Abroad) -> None:
    await verified(place.stage)
    await registered(place.stage, login="xiamen02", phone="13900139000")
    browser = place.traveller()
    await browser.travel(await place.person("zhang", **CLAIMS))
    answer = await linked_by_password(browser, "xiamen02")
    assert (answer.status_code, answer.json()["code"]) == (409, "identity.outside-other-enterprise")
    assert not await said(place, OutsideIdentityLinked)


@abroad(**TRUSTED)
async def test_whoever_stands_for_another_enterprise_now_is_not_let_in_as_the_first(place: Abroad) -> None:
    await verified(place.stage)
    subject = await place.person("zhang", **CLAIMS)
    await place.traveller().travel(subject)
    await place.person("zhang", credit_code="91350100M000100Y43")
    answer = await place.traveller().travel(subject)
    assert (answer.status_code, answer.json()["code"]) == (409, "identity.outside-other-enterprise")


@abroad()
async def test_an_official_is_refused_with_the_rule(place: Abroad) -> None:
    browser = place.traveller()
    await browser.travel("li")
    answer = await linked_by_password(browser, ADMIN_LOGIN, ADMIN_PASSWORD)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (403, "identity.officials-not-by-provider")
    assert "二次验证" in problem["rule"] and problem["way_out"]
    assert not answer.cookies and not await said(place, OutsideIdentityLinked)


@abroad()
async def test_without_an_account_registration_takes_the_ticket(place: Abroad) -> None:
    browser = place.traveller()
    back = await browser.travel(await place.person("zhang", **CLAIMS))
    assert back.headers["location"] == "/portal#outside=register"
    told = await ticket_of(browser)
    assert (told["next"], told["credit_code"], told["name"]) == ("register", COMPANY, CLAIMS["enterprise_name"])
    body = REGISTRATION | {"ticket": told["ticket"]}
    first = await browser.ask("POST", "/accounts", body, **{"Idempotency-Key": "the-same"})
    again = await browser.ask("POST", "/accounts", body, **{"Idempotency-Key": "the-same"})
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    (event,) = await said(place, OutsideIdentityLinked)
    assert (event.account, event.method) == (first.json()["account"], "registration")
    assert (await place.traveller().travel("zhang")).headers["location"] == "/portal#outside=signed-in"


@abroad()
async def test_a_ticket_is_of_no_use_in_another_browser(place: Abroad) -> None:
    """Else whoever sends a link could have their own identity linked with the account of whoever follows it."""
    await registered(place.stage)
    thief, victim = place.traveller(), place.traveller()
    await thief.travel("thief")
    stolen = (await ticket_of(thief))["ticket"]
    body = {"ticket": stolen, "login": "xiamen01", "password": PASSWORD}
    assert (await victim.ask("POST", "/outside-identity/linking", body)).json()[
        "code"
    ] == "identity.outside-ticket-over"
    await victim.travel("victim")
    assert (await victim.ask("POST", "/outside-identity/linking", body)).json()[
        "code"
    ] == "identity.outside-ticket-over"
    fresh = REGISTRATION | {"login": "xiamen03", "phone": "13600136000", "ticket": stolen}
    assert (await victim.ask("POST", "/accounts", fresh)).json()["code"] == "identity.outside-ticket-over"
    assert not await said(place, OutsideIdentityLinked)


@abroad(**TRUSTED)
async def test_ones_own_links_are_seen_and_taken_off_with_the_password(place: Abroad) -> None:
    await verified(place.stage)
    browser, subject = place.traveller(), await place.person("zhang", **CLAIMS)
    await browser.travel(subject)
    await browser.refresh()
    (link,) = (await browser.ask("GET", "/me/outside-identities")).json()["identities"]
    assert (link["provider"], link["title"]) == (NAME, "省统一身份认证")
    path = f"/me/outside-identities/{link['identity']}/removal"
    wrong = await browser.ask("POST", path, {"password": "Wrong-pass-1", "reason": "离职"})
    assert wrong.json()["code"] == "identity.password-wrong"
    place.stage.wall.pass_seconds(1)
    assert (await browser.ask("POST", path, {"password": PASSWORD, "reason": "离职"})).status_code == 201
    assert len(await said(place, OutsideIdentityUnlinked)) == 1
    assert (await browser.ask("GET", "/me")).status_code == 401
    assert (await browser.ask("POST", "/session/refresh")).status_code == 401
    await place.person("zhang")
    assert (await place.traveller().travel(subject)).headers["location"] == "/portal#outside=register"


@abroad()
async def test_a_closed_account_is_not_entered_and_says_since_when_and_what_to_do(place: Abroad) -> None:
    account = (await (await registered(place.stage)).get("/me")).json()["id"]
    browser = place.traveller()
    await browser.travel("zhang")
    assert (await linked_by_password(browser)).status_code == 200
    runtime = place.stage.runtime
    now = runtime.business.now()
    await runtime.handle(CloseAccount("f" * 32, now, runtime.actor, account, "并入", now, "b" * 32))
    await runtime.settle()
    back = await browser.travel("zhang")
    assert back.headers["location"] == "/portal#outside=register" and "tidu_test=" not in str(back.headers)
    why = (await ticket_of(browser))["why"]
    assert why["code"] == "identity.outside-account-closed" and why["since"] and "已并入" in why["way_out"]  # type: ignore[index]
    await registered(place.stage, login="xiamen02", phone="13900139000")
    assert (await linked_by_password(browser, "xiamen02")).status_code == 200
    assert (await place.traveller().travel("zhang")).headers["location"] == "/portal#outside=signed-in"


@abroad()
async def test_signing_out_is_ours_alone_and_the_link_stays(place: Abroad) -> None:
    await registered(place.stage)
    browser = place.traveller()
    await browser.travel("zhang")
    browser.token = (await linked_by_password(browser)).json()["access_token"]
    assert (await browser.ask("DELETE", "/session")).status_code == 204
    browser.token = ""
    assert (await browser.ask("POST", "/session/refresh")).status_code == 401
    assert (await place.traveller().travel("zhang")).headers["location"] == "/portal#outside=signed-in"


@abroad()
async def test_providers_are_listed_by_their_titles_without_secrets(place: Abroad) -> None:
    answer = await place.traveller().ask("GET", "/providers")
    assert [one["provider"] for one in answer.json()["providers"]] == [NAME, "other"]
    assert answer.json()["providers"][0]["title"] == "省统一身份认证"
    assert "a-secret-of-tests" not in answer.text and CLIENT not in answer.text


@abroad(**TRUSTED)
async def test_what_the_provider_gave_is_kept_nowhere(place: Abroad) -> None:
    """Neither the subject nor a token: not in events, documents, answers or cookies."""
    await verified(place.stage)
    subject = await place.person("somebody-known-by-this-subject", **CLAIMS)
    browser = place.traveller()
    address = await browser.at_provider(await browser.to_provider(), subject)
    code = parse_qs(urlsplit(address).query)["code"][0]
    back = await browser.back(address)
    runtime = place.stage.runtime
    kept = [repr(await runtime.store.read_shard(shard, 0, 1000)) for shard in range(6)]
    kept += [repr(runtime.state_store.__dict__), repr(back.headers), repr(list(browser.http.cookies.jar))]
    # What is looked through is really what is kept.
    assert all(word in "".join(kept) for word in ("OutsideIdentityLinked", "idle_until", "outside=signed-in"))
    for secret in (subject, code, "eyJ"):
        assert not [text for text in kept if secret in text], secret
