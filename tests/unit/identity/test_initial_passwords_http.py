"""初始密码: one that somebody else has set waits for a while only, and is set anew by whoever appoints."""

from itertools import count
from typing import Any

from libs.events.decider import Policies
from services.identity.domain.accounts.passwords import password_rules
from tests.unit.identity.kit import NOW, POLICIES
from tests.unit.identity.shell import Browser, Stage
from tests.unit.identity.stories import PASSWORD, on_stage
from tests.unit.identity.test_offices_http import OWN_PASSWORD, appointed, office, platform, signed_in

DAY = 86_400
DAYS = password_rules(Policies(POLICIES, NOW))["initial_days"]
AGAIN = "Harbour-quiet-8"


async def anew(by: Browser, seat: dict[str, Any], authority: str, password: str = AGAIN) -> Any:
    path = f"/officials/{authority}/{seat['official']}/appointments/{seat['appointment']}/initial-password"
    return await by.post(path, {"password": password})


_addresses = count(1)


async def attempt(stage: Stage, password: str, **more: Any) -> Any:
    """From an address of its own each time: what is counted by address does not come in between."""
    return await stage.browser(f"10.4.4.{next(_addresses)}").sign_in("secure1", password, **more)


@on_stage
async def test_it_does_not_wait_for_ever(stage: Stage) -> None:
    system = await stage.administrator()
    seat = await appointed(system, "secure1", platform("security_administrator"), phone="13700137001")
    stage.wall.pass_seconds(DAYS * DAY - 1)
    assert (await attempt(stage, PASSWORD)).json()["code"] == "identity.password-set-by-another"
    stage.wall.pass_seconds(1)
    for more in ({}, {"new_password": OWN_PASSWORD}):
        over = await attempt(stage, PASSWORD, **more)
        assert (over.status_code, over.json()["code"]) == (403, "identity.initial-password-over")
        assert "任命" in over.json()["way_out"]
    assert (await anew(await stage.administrator(), seat, "platform")).status_code == 201
    assert (await attempt(stage, PASSWORD)).status_code == 401
    assert (await attempt(stage, AGAIN)).json()["code"] == "identity.password-set-by-another"
    assert (await attempt(stage, AGAIN, new_password=OWN_PASSWORD)).status_code == 200
    stage.wall.pass_seconds(2 * DAYS * DAY)
    assert (await attempt(stage, OWN_PASSWORD)).status_code == 200, "one's own does not run out"


@on_stage
async def test_nobody_gives_a_password_to_whoever_has_their_own(stage: Stage) -> None:
    system = await stage.administrator()
    seat = await appointed(system, "secure1", platform("security_administrator"), phone="13700137001")
    assert (await attempt(stage, PASSWORD, new_password=OWN_PASSWORD)).status_code == 200
    refused = await anew(system, seat, "platform")
    assert (refused.status_code, refused.json()["code"]) == (409, "identity.password-their-own")
    assert (await attempt(stage, OWN_PASSWORD)).status_code == 200


@on_stage
async def test_it_is_chosen_by_the_same_rules(stage: Stage) -> None:
    system = await stage.administrator()
    seat = await appointed(system, "secure1", platform("security_administrator"), phone="13700137001")
    named = await anew(system, seat, "platform", "Harbour-Secure1-8")
    assert named.json()["code"] == "identity.password-not-allowed"
    context = await anew(system, seat, "platform", "a#13700137001")
    assert context.json()["code"] == "identity.password-from-context"


@on_stage
async def test_only_whoever_may_fill_every_office_of_theirs(stage: Stage) -> None:
    """A publisher of the city appoints to the county; to the city's own office nobody of the city does."""
    system = await stage.administrator()
    await appointed(system, "city1234", office("publisher", "320100", "city"))
    city = await signed_in(stage, "city1234")
    seat = await appointed(system, "county12", office("reviewer"))
    assert (await anew(city, seat, "320000")).json()["code"] == "identity.password-their-own"
    again = {"document": "文号", "office": office("auditor", "320100", "city")}
    assert (await system.post(f"/officials/{seat['official']}/appointments", again)).status_code == 201
    assert (await anew(city, seat, "320000")).json()["code"] == "platform.not-permitted"
