"""The slice of the exhaustive walk that runs with every change; and the walk finds what is planted."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest

from libs.events.web.authorization import Grant
from tests.authz.expectation import Row, expected, load_rows, row_for
from tests.authz.walker import REQUESTS, SIGN_OUT, Cell, Report, World, class_of, pairwise, unused, walk

APPROVAL = "POST /cases/{enterprise}/{application}/approval"
SITE = "GET /cases/{enterprise}/{application}"


@pytest.fixture(scope="module")
async def world() -> AsyncIterator[World]:
    made = await World().build()
    yield made
    await made.close()


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return load_rows()


@contextmanager
def planted(world: World, service: str, action: str, *grants: Grant) -> Iterator[None]:
    """Another row in a service's table."""
    runtime = world.runtimes[service]
    kept = runtime.table
    runtime.table = {**kept, action: grants}
    try:
        yield
    finally:
        runtime.table = kept


async def of_route(world: World, rows: list[Row], service: str, route: str) -> Report:
    return await walk(world, rows, (cell for cell in world.cells() if (cell.service, cell.route) == (service, route)))


async def test_all_routes_by_all_roles_and_pairwise_for_the_rest(world: World, rows: list[Row]) -> None:
    cells = list(pairwise(world.cells()))
    report = await walk(world, rows, iter(cells))
    assert report.differences == []
    assert unused(rows, world) == []
    assert {(c.service, c.route) for c in cells} == set(world.routes)
    groups = {person.group for person in world.people}
    assert {(c.service, c.route, c.person.group) for c in cells} == {(*r, g) for r in world.routes for g in groups}
    assert report.negative > report.walked / 2


@pytest.mark.parametrize(
    ("grants", "told"),
    [
        ((Grant("official", "covers", roles=("reviewer", "auditor")),), "auditor@js_county at county, opened: expected 403, found in"),
        ((Grant("official", "authority", roles=("reviewer",)),), "reviewer@js_beside at county, opened: expected 403, found in"),
        ((Grant("official", "same", roles=("reviewer",)),), "reviewer@js_city at county, opened: expected in, found 403"),
        ((Grant("official", "covers", roles=("reviewer",), states=("returned",)),), "reviewer@js_county at county, opened: expected in, found 403"),
        ((), "reviewer@js_county at county, opened: expected in, found 403"),
    ],
)  # fmt: skip
async def test_a_wrong_row_is_found(world: World, rows: list[Row], grants: tuple[Grant, ...], told: str) -> None:
    with planted(world, "review", "review.approve", *grants):
        report = await of_route(world, rows, "review", APPROVAL)
    assert any(told in line for line in report.differences), report.differences[:5]
    assert (await of_route(world, rows, "review", APPROVAL)).differences == []


async def test_an_answer_that_tells_of_what_is_hidden_is_found(world: World, rows: list[Row]) -> None:
    with planted(
        world, "review", "review.read_case", Grant("official", "covers", roles=("reviewer",)), Grant("account", "own")
    ):
        report = await of_route(world, rows, "review", SITE)
    assert any("stranger at county, opened: expected 404, found 403" in line for line in report.differences)


async def test_a_route_without_a_row_or_a_request_is_found(
    world: World, rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    without = [row for row in rows if APPROVAL not in row.routes]
    assert any(APPROVAL in line for line in (await of_route(world, without, "review", APPROVAL)).differences)
    monkeypatch.delitem(REQUESTS["review"], APPROVAL)
    assert any(APPROVAL in line for line in (await of_route(world, rows, "review", APPROVAL)).differences)


async def test_a_row_about_no_route_is_found(world: World, rows: list[Row]) -> None:
    other = rows[0]._replace(routes=("GET /nowhere",))
    assert unused([*rows, other], world) == [f"{other.service} GET /nowhere"]


async def test_a_list_shows_each_the_cases_they_may_open_and_no_other(world: World) -> None:
    """The filter of lists and the door of one case say the same, for everybody."""
    there = {world.things["review"]["case", place, state]["application"]: (place, state)
             for kind, place, state in world.things["review"] if kind == "case" and state != "none"}  # fmt: skip
    shown = 0
    for person in world.people:
        answer = await world.answer(Cell("review", "GET /queue", person, "", ""))
        listed = set()
        if answer.status == 200:
            every = await world.ask_all(person, "/api/review/queue", {"where": "any", "size": "200"})
            listed = {item["application"] for item in every["items"]}
        opened = {
            case
            for case, (place, state) in there.items()
            if (await world.answer(Cell("review", SITE, person, place, state))).status == 200
        }
        assert listed == opened, person.name
        shown += len(listed)
    assert shown > len(there)


LISTS = {"applications": ("applications.list_filings", "GET /filings"), "review": ("review.read_queue", "GET /queue"),
         "assessment": ("assessment.list_scores", "GET /scores"), "notifications": ("notifications.read_inbox", "GET /inbox"),
         "identity": ("identity.read_accounts", "GET /accounts")}  # fmt: skip


@pytest.mark.parametrize("service", LISTS)
async def test_everybody_is_told_beforehand_what_the_door_will_say(world: World, service: str) -> None:
    action, route = LISTS[service]
    for person in world.people:
        told = (await world.answer(Cell(service, "GET /me/permissions", person, "", ""))).content["actions"][action]
        found = await world.answer(Cell(service, route, person, "", ""))
        assert told["allowed"] == (found.status == 200), person.name
        if found.status == 403:
            assert (told["reason"], told["words"]) == (found.content["reason"], found.content["detail"]), person.name
        if found.status == 401:
            assert told["reason"] == "not-signed-in"


async def test_permissions_say_the_bounds_and_the_way(world: World) -> None:
    told = {}
    for person in world.people:
        cell = Cell("applications", "GET /me/permissions", person, "", "")
        told[person.name] = (await world.answer(cell)).content["actions"]
    submit = "applications.submit"
    assert told["owner"][submit] == {"allowed": True, "relations": ["own"], "states": [], "step_up": False}
    assert told["unverified"][submit]["reason"] == "not-verified" and told["unverified"][submit]["way_out"]
    assert told["natural"][submit]["reason"] == "natural-person" and "绑定" in told["natural"][submit]["way_out"]
    assert told["reviewer@js_city"][submit]["reason"] == "accounts-only"
    assert told["reviewer@js_city"]["applications.void"]["reason"] == "level-not-allowed"
    assert told["auditor@js_province"]["applications.void"]["reason"] == "role-not-allowed"
    assert told["unseated"]["applications.void"]["reason"] == "no-appointment"


STEP_UP = {
    ("review", APPROVAL), ("review", "POST /titles/{enterprise}/{tier}/cancellation"),
    ("review", "POST /lists/{authority}/{region}/{batch}/{purpose}/publication"),
    ("review", "POST /lists/{authority}/{region}/{batch}/{purpose}/announcement"),
}  # fmt: skip
"""What asks for a fresh proof of identity: approving, publishing, announcing, cancelling."""


async def test_without_a_fresh_proof_nobody_approves_publishes_or_cancels_and_everything_else_goes_on(
    world: World, rows: list[Row]
) -> None:
    """Every route by every role once: where a fresh token is let in, a stale one is as well, or is sent to prove anew."""
    asked: set[tuple[str, str]] = set()
    tried = 0
    for cell in pairwise(world.cells()):
        row = row_for(rows, cell.service, cell.route, cell.place, cell.state)
        if row is None or not cell.person.stale or (cell.service, cell.route) == SIGN_OUT:
            continue
        wanted, person = expected(row, cell.person, cell.place), cell.person._replace(token=cell.person.stale)
        found = class_of(await world.answer(cell._replace(person=person)))
        tried += wanted == "in"
        if wanted in ("in", "404") and (cell.service, cell.route) in STEP_UP:
            asked.add((cell.service, cell.route))
            wanted = "step-up"
        assert found == wanted, str(cell)
    assert asked == STEP_UP and tried > 1000
