"""What counts as proof that an outside identity belongs with an account, and what only looks like one."""

from libs.events.contracts.accounts import OutsideIdentityLinked
from tests.unit.identity.abroad import Abroad, abroad
from tests.unit.identity.stories import REAL_NAME, REGISTRATION, registered
from tests.unit.identity.test_outside_http import CLAIMS, TRUSTED, ticket_of
from tests.unit.identity.test_ways_out import said


@abroad()
async def test_a_ticket_is_known_by_its_secret_not_by_the_id_that_pages_show(place: Abroad) -> None:
    owner, guesser = place.traveller(), place.traveller()
    await owner.travel("zhang")
    id_ = (await ticket_of(owner))["ticket"]
    for value in (f"{id_}.made-up", f"{id_}.", str(id_)):
        guesser.http.cookies.clear()
        guesser.http.cookies.set("tidu_ticket_test", value)
        answer = await guesser.ask("GET", "/outside-identity")
        assert answer.json()["code"] == "identity.outside-ticket-over", value


@abroad(**TRUSTED)
async def test_a_natural_persons_account_is_linked_by_its_password_only(place: Abroad) -> None:
    """It stands for the enterprise, but as little as one signs in to it by credit code is it linked by one."""
    browser = await registered(place.stage, kind="natural")
    assert (await browser.post("/me/real-name", REAL_NAME)).json()["verified"]
    back = await place.traveller().travel(await place.person("zhang", **CLAIMS))
    assert back.headers["location"] == "/portal#outside=link"
    assert not await said(place, OutsideIdentityLinked)


@abroad()
async def test_a_registration_sent_again_by_somebody_else_links_nothing(place: Abroad) -> None:
    """Whoever knows login name, number and key gets the receipt again, but not the account."""
    owner, thief = place.traveller(), place.traveller()
    assert (await owner.ask("POST", "/accounts", REGISTRATION, **{"Idempotency-Key": "1"})).status_code == 201
    await thief.travel("thief")
    body = REGISTRATION | {"ticket": (await ticket_of(thief))["ticket"], "password": "Another-pass-2"}
    await thief.ask("POST", "/accounts", body, **{"Idempotency-Key": "1"})
    assert not await said(place, OutsideIdentityLinked)
    assert (await place.traveller().travel("thief")).headers["location"] == "/portal#outside=register"
