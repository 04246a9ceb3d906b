"""本人信息: one takes along what is held of oneself, and nothing that somebody else said of themselves."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from libs.events.web.fields import how
from libs.events.web.principals import Principal
from tests.authz.test_access_log import by, entries
from tests.authz.walker import World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = await World().build()
    yield made
    await made.close()


async def held(world: World, who: str, service: str) -> dict[str, list[Any]]:
    answer = await by(world, who, service, "/me/data")
    assert answer.status == 200, answer.content
    found: dict[str, list[Any]] = {}
    for one in answer.content["values"]:
        found.setdefault(one["label"], []).append(one["value"])
    return found


async def test_an_enterprise_takes_its_peoples_values_along_in_plain(world: World) -> None:
    found = await held(world, "owner", "applications")
    assert {"legal_representative", "contact", "contact_mobile", "email"} <= set(found)
    assert all("*" not in value for values in found.values() for value in values)
    assert await entries(world, "applications", kind="read") == [], "nobody else has looked"


async def test_nobody_gets_what_is_another_enterprises(world: World) -> None:
    mine, others = await held(world, "owner", "applications"), await held(world, "stranger", "applications")
    assert not set(mine["contact_mobile"]) & set(others.get("contact_mobile", []))


def test_whoever_objected_is_not_told_of_to_whom_they_objected() -> None:
    enterprise = Principal("account", "a1", enterprise="e1")
    assert how("objector", enterprise, own=True) == how("objector_contact", enterprise, own=True) == "hidden"


async def test_an_official_takes_along_what_is_their_own_and_nothing_of_their_authority(world: World) -> None:
    found = await held(world, "reviewer@js_city", "identity")
    assert len(found["official_name"]) == 1
    assert set(await held(world, "reviewer@js_city", "applications")) == set()


async def test_a_copy_says_which_service_and_is_a_file(world: World) -> None:
    answer = await by(world, "owner", "identity", "/me/data")
    assert answer.content["service"] == "identity" and "/api/review/me/data" in answer.content["others"]
    assert (await by(world, "anonymous", "identity", "/me/data")).status == 401
