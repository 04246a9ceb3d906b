"""Whoever is signed in and asks without end is told to wait; others are not."""

from tests.unit.identity.shell import Stage
from tests.unit.identity.stories import registered, staged

PER_SECOND = 3


@staged(requests_per_second=PER_SECOND)
async def test_a_request_with_a_token_is_counted_for_its_principal(stage: Stage) -> None:
    browser, other = await registered(stage), await registered(stage, login="another1", phone="13700137000")
    statuses = [(await browser.get("/me")).status_code for _ in range(200)]
    assert set(statuses) == {200, 429} and statuses[: 4 * PER_SECOND] == [200] * 4 * PER_SECOND
    assert (await other.get("/me")).status_code == 200
    assert (await stage.browser().get("/rules")).status_code == 200
