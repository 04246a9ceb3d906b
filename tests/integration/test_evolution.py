"""What was said in an old version still folds, projects, decides and replays, from store, topic and parking lot."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from libs.events import codec
from libs.events.audit.replay import replay_case
from libs.events.codec import encode
from libs.events.contracts import review as r
from libs.events.contracts.actors import Actor, Office
from libs.events.contracts.applications import WithdrawalRefusalNoted
from libs.events.contracts.base import Event
from libs.events.contracts.schemas import sample_of
from libs.events.envelope import Commit, StoredEvent, chained
from libs.events.flow.parking import COLLECTION, REQUESTS
from services.review.app import service as review
from services.review.domain.case import commands as c
from services.review.domain.case import decider
from tests import histories as h
from tests.backends import Backends
from tests.integration.lab import Log, log_of, say, saying
from tests.integration.running import eventually, head, running

pytestmark = pytest.mark.integration
STREAM = f"case-{h.ENTERPRISE}-{h.CASE}"
TIMELINE = next(p for p in review.projections if p.name == "case_timeline")
LOT = f"{TIMELINE.consumer('review')}|review"
SMALL = replace(review, projections=[TIMELINE], reactions=[], routers=[], policies=None, copies={}, companions=[])
COUNTY = Office(h.JIANGSU, "county", h.COUNTY, "reviewer")
V1 = {
    "received_at": "2024-05-06T03:00:00Z", "application": h.CASE, "enterprise": h.ENTERPRISE, "level": "county",
    "round": 1, "passed": True, "findings": [{"text": "产线与申报一致", "evidence": "b1"}, {"text": "另附说明"}],
}  # fmt: skip
SAID = {
    "result": "conforms",
    "findings": [{"text": "产线与申报一致", "evidence": ["b1"]}, {"text": "另附说明", "evidence": []}],
}


@pytest.fixture
async def log(backends: Backends) -> AsyncIterator[Log]:
    async with log_of(backends, await backends.fresh(), "review", saying("case")) as made:
        await say(made, STREAM, *h.in_review_at_county())
        await as_before(made, "review.SiteChecked.v1", V1)
        await made.relayed()
        yield made


async def as_before(log: Log, type_: str, body: dict[str, Any]) -> None:
    """A commit as a release of then wrote it: today's writers cannot say this version any more."""
    (last,) = [commit for commit in await log.commits() if commit.stream == STREAM][-1:]
    id_ = "0" * 31 + "1"
    events = [StoredEvent(f"{id_}.1", type_, msgspec.json.encode(body).decode(), "")]
    place: dict[str, Any] = {
        "position": last.last_position + 1, "last_position": last.last_position + 1, "version": last.last_version + 1,
        "last_version": last.last_version + 1, "clock": f"{int(last.clock, 16) + 1:016x}", "previous_hash": last.hash,
    }  # fmt: skip
    same = {name: getattr(last, name) for name in Commit.__struct_fields__}
    commit = chained(
        Commit(**(same | place | {"id": id_, "events": events, "correlation_id": id_, "causation_id": id_}))
    )
    assert await log.store.append([commit]) is None


async def entry(log: Log) -> dict[str, Any] | None:
    found = await log.state.documents(TIMELINE.collection).get(h.CASE)
    shown = [e for e in found["entries"] if e["title"] == "实地抽查"] if found else []
    return shown[0] if shown else None


async def test_an_old_record_folds_is_shown_and_decided_on_and_the_next_is_said_anew(log: Log) -> None:
    async with running(log.backends, log.prefix, SMALL) as runtime:
        state = (await runtime.state(decider, STREAM)).state
        assert [(check.level, check.result) for check in state.checks] == [("county", "conforms")]
        shown = await eventually(lambda: entry(log), "for the timeline")
        assert shown["details"] == {"level": "county", "round": 1, **SAID}
        assert shown["type"] == "review.SiteChecked.v1", "what lies in the log is shown as it lies there"

        at = head(runtime, "check") | {"actor": Actor("official", "county1", COUNTY)}
        who = {"enterprise": h.ENTERPRISE, "application": h.CASE}
        found = (r.Finding("计量器具未检定", ("b2", "b3")),)
        checked = await runtime.handle(c.RecordSiteCheck(**at, **who, result="conforms_with_findings", findings=found))
        assert [event.type for event in checked.commit.events] == ["review.SiteChecked.v2"]
        approved = await runtime.handle(c.ApproveAtLevel(**(at | {"id": "2" * 32}), **who, opinion="同意"))
        assert [event.type for event in approved.commit.events] == ["review.LevelApproved.v1"]


async def test_an_old_record_is_enough_to_approve_on(log: Log) -> None:
    async with running(log.backends, log.prefix, SMALL) as runtime:
        at = head(runtime, "approve") | {"actor": Actor("official", "county1", COUNTY)}
        command = c.ApproveAtLevel(**at, enterprise=h.ENTERPRISE, application=h.CASE, opinion="同意")
        assert (await runtime.handle(command)).commit is not None


async def test_an_old_record_that_was_parked_is_upcast_when_it_is_tried_again(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(type_: str, body: dict[str, Any], table: Any = None) -> dict[str, Any]:
        raise KeyError("a hop with a defect")

    async def parked() -> list[dict[str, Any]]:
        return await log.state.documents(COLLECTION).find({"consumer": LOT}, sort=("n",), limit=10)

    async def all_parked() -> bool:
        return [d["type"] for d in await parked()] == ["review.SiteChecked.v1"]

    async def none_parked() -> bool:
        return await parked() == []

    with monkeypatch.context() as defect:
        defect.setattr(codec, "newest", lost)
        async with running(log.backends, log.prefix, SMALL, "consume"):
            await eventually(all_parked, "for the old record to be parked")
    (waiting,) = await parked()
    async with running(log.backends, log.prefix, SMALL, "consume"):
        request = {"_id": f"{LOT}|{waiting['key']}", "kind": "retry", "consumer": LOT, "key": waiting["key"]}
        await log.state.documents(REQUESTS).replace(request | {"topic": log.topic}, upsert=True)
        await eventually(none_parked, "for it to be applied")
    shown = await entry(log)
    assert shown is not None and shown["details"] == {"level": "county", "round": 1, **SAID}


async def test_replay_shows_the_old_words_and_todays_state(log: Log) -> None:
    async with (
        log_of(log.backends, log.prefix, "applications", saying("filing")) as filings,
        log_of(log.backends, log.prefix, "identity", saying("account")) as identity,
    ):
        noted: Event = msgspec.structs.replace(sample_of(WithdrawalRefusalNoted), application=h.CASE)
        await say(filings, h.FILING, noted)
        stores = {"applications": filings.store, "review": log.store, "identity": identity.store}
        timeline = await replay_case(h.CASE, stores, {"review": [decider]})
    (old,) = [e for e in timeline if e.event == "review.SiteChecked.v1"]
    assert old.data == V1, "the log is shown as it was written"
    assert [check["result"] for check in old.changed["checks"]] == ["conforms"]


def test_todays_writers_cannot_say_an_old_version() -> None:
    said = [encode("review", h.checked(result=result))[0] for result in ("conforms", "does_not_conform")]
    assert said == ["review.SiteChecked.v2"] * 2
