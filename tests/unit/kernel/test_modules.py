"""Read models and reactions as their modules declare them: the names, under which checkpoints lie, never change."""

from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import msgspec
import pytest

from libs.events.contracts.actors import Actor
from libs.events.contracts.base import Event
from libs.events.flow.projections import projection
from libs.events.flow.reactions import Reaction, reaction
from libs.events.recorded import Recorded

RECORDED = datetime(2024, 9, 2, 23, 59, tzinfo=UTC)


def module(name: str, **said: Any) -> ModuleType:
    made = ModuleType(name)
    made.__dict__.update(said)
    return made


def key(event: Recorded[Any]) -> str:
    return event.id


def react(event: Recorded[Any]) -> list[Any]:
    return []


def test_a_projection_is_what_its_module_says() -> None:
    found = projection(
        module("x", NAME="queue", VERSION=3, SOURCES=["review"], HANDLES=[Event], key=key, apply=max, INDEXES=[["a"]])
    )
    assert (found.name, found.version, found.sources, found.handles) == ("queue", 3, ("review",), (Event,))
    assert (found.key, found.apply, found.indexes, found.build) == (key, max, (["a"],), 1)
    assert (found.collection, found.consumer("review")) == ("queue_v3", "review.queue.v3")
    again = msgspec.structs.replace(found, build=2)
    assert (again.collection, again.consumer("review")) == ("queue_v3_b2", "review.queue.v3.b2")


def test_a_reaction_is_named_after_its_module_and_begins_at_the_origin() -> None:
    found = reaction(module("services.review.reactions.when_a_then_b", SOURCE="review", HANDLES=[Event], react=react))
    assert found == Reaction("when_a_then_b", "review", (Event,), react, "origin")
    later = reaction(module("when_c", SOURCE="review", HANDLES=[], react=react, START="2024-09-03"))
    assert later.start == "2024-09-03"


@pytest.mark.parametrize(
    ("start", "concerned"),
    [("origin", True), ("head", True), ("2024-09-01", True), ("2024-09-02", True), ("2024-09-03", False)],
)
def test_a_reaction_that_begins_on_a_date_takes_what_was_recorded_since(start: str, concerned: bool) -> None:
    event = Recorded(
        data=Event(RECORDED), id="c.1", type="t", service="review", stream="s-1", version=1, partition_key="1", shard=0,
        position=1, hash="", time=RECORDED, clock=1, actor=Actor("service", "review"), correlation_id="c",
        causation_id="c", traceparent="-",
    )  # fmt: skip
    assert Reaction("r", "review", (Event,), react, start).concerns(event) is concerned
