"""What the published language rests on: who may say what, where sealed values are, regions above one, days in China."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from libs.events.contracts.actors import Actor, Office, actor_text, covering, parse_actor
from libs.events.contracts.base import Event, Personal, contract_of, contracts, event, personal_values, wire_type
from libs.events.contracts.review import SiteChecked
from libs.events.contracts.times import business_date, day_end, day_start
from libs.events.contracts.upcasts import UPCASTS, chain_faults, following

AT = datetime(2024, 9, 2, 1, 30, tzinfo=UTC)
OFFICE = Office("320000", "city", "320100", "reviewer")


def sealed(label: str) -> Personal[str]:
    return Personal(1, "s" * 32, "k", label, "bm9uY2U=", "c2VhbGVk")


@pytest.mark.parametrize(
    ("region", "above"),
    [
        ("320102", ("320102", "320100", "320000")),
        ("320100", ("320100", "320000")),
        ("320000", ("320000",)),
        ("350200z01", ("350200z01", "350200", "350000")),
    ],
)
def test_the_regions_above_one_each_once_and_itself_first(region: str, above: tuple[str, ...]) -> None:
    assert covering(region) == above


def test_a_seat_is_of_one_level_one_role_and_what_lies_in_its_region() -> None:
    actor = Actor("official", "o", OFFICE)
    assert actor.sits_at("city", "320102") and actor.sits_at("city", "320100", "reviewer")
    assert not actor.sits_at("county", "320102")
    assert not actor.sits_at("city", "320102", "window_manager")
    assert not actor.sits_at("city", "320200")
    assert not Actor("official", "o").sits_at("city", "320100")


def test_an_actor_is_written_in_one_way() -> None:
    text = "official:o;role=city_reviewer;authority=320000;region=320100;for=p"
    assert actor_text(Actor("official", "o", OFFICE, "p")) == text
    assert parse_actor(text) == Actor("official", "o", OFFICE, "p")
    assert actor_text(Actor("public", "0")) == "public:0"
    for wrong in ("stranger:1", "official:o;role=village_reviewer;authority=1;region=2"):
        with pytest.raises(ValueError):
            parse_actor(wrong)


def test_sealed_values_are_found_wherever_they_are() -> None:
    one, other = sealed("a"), sealed("b")
    within = {"list": [one, {"deep": (other,)}], "plain": "text", "number": 1}
    assert personal_values(within) == [one, other]
    assert personal_values(one) == [one]
    assert personal_values("text") == []
    assert personal_values(msgspec.defstruct("Struct", ["x", "y"])(other, (one, one))) == [other, one, one]


def test_an_event_is_said_by_those_who_registered_it() -> None:
    finished = SiteChecked(AT, "a", "e", "city", 1, "conforms", ())
    assert wire_type("review", finished) == "review.SiteChecked.v2"
    with pytest.raises(ValueError, match=r"identity does not own SiteChecked"):
        wire_type("identity", finished)
    contract = contract_of("review", "SiteChecked")
    assert contract is not None and contract == contracts()["review.SiteChecked.v2"]
    assert (contract.name, contract.version, contract.services, contract.type) == (
        "SiteChecked", 2, ("review",), SiteChecked,
    )  # fmt: skip
    assert contract_of("identity", "SiteChecked") is None


def test_a_name_is_registered_once_and_by_a_service() -> None:
    for service, name in (("review", "SiteChecked"), ("stranger", "Anything")):
        with pytest.raises(ValueError, match=f"cannot register {service}.{name}"):
            event(service)(type(name, (Event,), {}, frozen=True))
    assert contract_of("stranger", "Anything") is None


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2024, 9, 1, 15, 59, 59, 999_000, UTC), date(2024, 9, 1)),
        (datetime(2024, 9, 1, 16, tzinfo=UTC), date(2024, 9, 2)),
    ],
)
def test_a_business_day_is_a_day_in_china(moment: datetime, day: date) -> None:
    assert business_date(moment) == day
    assert day_start(day) <= moment <= day_end(day)


def test_a_day_ends_a_millisecond_before_the_next_begins() -> None:
    assert day_start(date(2024, 9, 2)) == datetime(2024, 9, 1, 16, tzinfo=UTC)
    assert day_end(date(2024, 9, 2)) == datetime(2024, 9, 2, 15, 59, 59, 999_000, UTC)


def test_the_hop_of_a_site_check_leaves_nothing_of_the_old_form() -> None:
    body = {"round": 1, "passed": False, "findings": [{"text": "设备", "evidence": "b1"}, {"text": "账册"}]}
    assert UPCASTS["review.SiteChecked.v1"](body) == {
        "round": 1,
        "result": "does_not_conform",
        "findings": [{"text": "设备", "evidence": ["b1"]}, {"text": "账册", "evidence": []}],
    }
    assert body["passed"] is False


def test_a_missing_hop_and_one_that_leads_nowhere_are_named() -> None:
    assert following("review.SiteChecked.v9") == "review.SiteChecked.v10"
    known = contracts()
    assert chain_faults(known) == []
    assert chain_faults(known, {}) == [
        "review.SiteChecked.v1: no upcast to review.SiteChecked.v2 (libs/events/contracts/upcasts.py)"
    ]
    orphan = UPCASTS | {"review.CaseOpened.v7": dict}
    assert chain_faults(known, orphan) == [
        "review.CaseOpened.v7: an upcast of a version that no contract is newer than"
    ]
