"""The operator's commands on a stack that has work behind it."""

from pathlib import Path

import pytest

from deploy.cli.logs_access import open_state
from libs.events.contracts.base import SERVICES
from libs.events.store.ports import Document
from services.applications.app import service as applications
from services.notifications.app import service as notifications
from services.review.app import service as review
from tests.e2e.shell import tidu, tidu_process
from tests.e2e.tale import Tale, commits_of

PROJECTIONS = {
    service.name: {p.name: p for p in service.projections} for service in (applications, notifications, review)
}


async def test_verify_walks_every_shard_of_every_service(tale: Tale) -> None:
    ran = await tidu(tale.stack.data, "verify", "--format", "json")
    assert ran.code == 0, ran.err
    assert [report["service"] for report in ran.json] == list(SERVICES)
    for report in ran.json:
        assert len(report["shards"]) == 6 and report["faults"] == []
        assert all(shard["positions"] == shard["topic_positions"] for shard in report["shards"])


async def test_verify_in_words_and_of_one_service(tale: Tale) -> None:
    ran = await tidu(tale.stack.data, "verify", "--service", "review", "--against", "topic")
    assert ran.code == 0 and "0 faults" in ran.out
    assert (await tidu(tale.stack.data, "verify", "--service", "nobody")).code == 2


async def test_replay_as_text_as_json_and_of_nothing(tale: Tale) -> None:
    application, data = tale.filing("srdi").application, tale.stack.data
    middle = (await commits_of(tale.stack, "review"))[-1].recorded_at
    whole = await tidu(data, "replay", "case", application, "--format", "json")
    cut = await tidu(data, "replay", "case", application, "--as-of", middle, "--format", "json")
    text = await tidu(data, "replay", "case", application)
    nothing = await tidu(data, "replay", "case", "f" * 32)
    assert whole.code == 0 and {entry["service"] for entry in whole.json} == set(SERVICES)
    assert cut.json == [entry for entry in whole.json if entry["recorded_at"] <= middle]
    assert text.code == 0 and f"{len(whole.json)} events from 5 logs" in text.out
    assert nothing.code == 1 and "no log mentions" in nothing.err


@pytest.mark.parametrize(("service", "name"), [
    ("review", "officer_queue"), ("review", "case_timeline"), ("notifications", "inbox"), ("applications", "filings"),
])  # fmt: skip
async def test_a_rebuilt_read_model_says_what_it_said_before(tale: Tale, service: str, name: str) -> None:
    before = await documents(tale, service, name)
    ran = await tidu(tale.stack.data, "rebuild", service, name)
    assert ran.code == 0, ran.err
    after = await documents(tale, service, name)
    assert len(before) > 5 and f"equal; documents live {len(before)}, new {len(before)}\n" in ran.out
    assert after == before


async def documents(tale: Tale, service: str, name: str) -> dict[str, Document]:
    async with open_state(tale.stack, service) as state:
        found = await state.documents(PROJECTIONS[service][name].collection).find({}, limit=10_000)
    return {document["_id"]: document for document in found}


async def test_restoring_a_healthy_log_inserts_nothing(tale: Tale) -> None:
    before = await commits_of(tale.stack, "review")
    ran = await tidu(tale.stack.data, "restore", "review")
    assert ran.code == 0 and "0 commits restored, 0 faults" in ran.out
    assert (await commits_of(tale.stack, "review"))[: len(before)] == before


async def test_nothing_is_parked(tale: Tale) -> None:
    ran = await tidu_process(tale.stack.data, "parked", "list")
    assert ran.code == 0 and "0 parked" in ran.out
    assert (await tidu(tale.stack.data, "parked", "list", "--format", "json")).json == []


async def test_the_status_says_where_everything_is_and_what_it_costs(tale: Tale) -> None:
    status = (await tidu(tale.stack.data, "status", "--format", "json")).json
    assert (status["gateway"], status["kafka"]) == (tale.stack.gateway, tale.stack.kafka)
    assert status["store"].startswith("mongodb://127.0.0.1:") and "@" not in status["store"]
    assert status["memory_mib"] > 0 and status["seconds_to_ready"] > 0 and status["shards"] == 6
    assert {*SERVICES, "kafka", "store", "gateway", "supervisor"} <= set(status["processes"])


async def test_a_folder_without_a_stack_is_said_in_words(tmp_path: Path) -> None:
    ran = await tidu_process(tmp_path, "verify")
    assert ran.code == 1 and "No stack is running" in ran.err and "Traceback" not in ran.err
