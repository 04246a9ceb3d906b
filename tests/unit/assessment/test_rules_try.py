"""`tidu rules try`: submissions of the log scored again; who passes, who no longer does, nothing written."""

from pathlib import Path
from typing import Any

import pytest

from deploy.cli.rules import draft, text_of, under_another_text
from libs.events.codec import encode
from libs.events.contracts.base import Event
from libs.events.envelope import Commit, StoredEvent
from libs.events.names import shard_of
from libs.events.store.memory import MemoryCommits
from services.assessment.authoring.history import latest_scores
from services.assessment.authoring.library import read_library
from services.assessment.authoring.trial import report, tried
from services.assessment.domain.scores.commands import score_stream
from tests.unit.assessment.kit import judge, move, scored, submit
from tests.unit.assessment.samples import POLICY, SRDI, packs

SHARDS = 6
POOR = SRDI | {"rd_expense_y1": "99.00", "revenue_y1": "3000.00", "main_revenue_y1": "2900.00", "market_years": 10}
"""Research of 3.3 %, but one below a hundred."""


async def log(**histories: list[Event]) -> MemoryCommits:
    """One commit per event, each history in a stream of its own."""
    store = MemoryCommits(SHARDS)
    position = 0
    for enterprise, events in histories.items():
        stream, shard = score_stream(enterprise, "a"), shard_of(enterprise, SHARDS)
        for version, event in enumerate(events, 1):
            position += 1
            id = f"{enterprise}{version}"
            type_, body = encode("assessment", event)
            commit = Commit(
                id=id, fingerprint="-", envelope=1, source="/tidu/test/1/assessment", partition_key=enterprise, shard=shard,
                position=position, last_position=position, stream=stream, version=version, last_version=version, reads=[],
                recorded_at="2024-10-08T02:00:00.000Z", clock=f"{position:016x}", actor="service:applications",
                correlation_id="c", causation_id="c", traceparent="", events=[StoredEvent(f"{id}.1", type_, body, "")],
                previous_hash="", hash="",
            )  # fmt: skip
            assert await store.append([commit]) is None
    return store


async def history() -> list[Any]:
    poor_then_good = scored(submit(answers=POOR), submit(round=2))
    judged_and_moved = scored(submit(), judge(points="0"), move(region="320506"))
    declined = scored(submit(), submit(round=2, pack=None))
    return await latest_scores(
        await log(
            aa=scored(),
            bb=poor_then_good,
            cc=judged_and_moved,
            dd=declined,
            ee=scored(submit(answers=POOR), judge(points="15")),
        )
    )


async def test_of_each_application_the_latest_score_counts_where_it_lies_now() -> None:
    found = await history()
    assert [(one.round, one.verdict) for one in found] == [(1, "pass"), (2, "pass"), (1, "pass"), (1, "fail")]
    assert [one.region == "320506" for one in found] == [False, False, True, False]
    assert found[2].inputs.judgements == {"S9": "0"}


async def test_the_same_pack_changes_nothing() -> None:
    pack = packs()["srdi@2022-63"]
    found = tried(pack, await history())
    assert all((one.before, one.lacking) == (one.after, ()) for one in found) and len(found) == 4
    assert report(pack, found).splitlines()[-1] == "4 件，结论改变 0 件：新通过 0，不再通过 0。未写入任何内容。"


@pytest.mark.parametrize(
    ("old", "new", "last"),
    [
        ("at_least: 100}\n", "at_least: 90}\n", "4 件，结论改变 1 件：新通过 1，不再通过 0"),
        ("unit: 年\n    at_least: 2\n", "unit: 年\n    at_least: 7\n", "4 件，结论改变 3 件：新通过 0，不再通过 3"),
        ("  pass_at: 60\n", "  pass_at: 64\n", "4 件，结论改变 3 件：新通过 0，不再通过 3"),
    ],
)
async def test_a_draft_with_another_threshold_says_who_no_longer_passes(
    tmp_path: Path, old: str, new: str, last: str
) -> None:
    text = (POLICY / "packs" / "srdi-2022-63.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "draft.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    pack = draft(path, read_library(POLICY))
    said = report(pack, tried(pack, await history()))
    assert said.splitlines()[-1].startswith(last)


async def test_another_law_says_what_the_scores_did_not_keep() -> None:
    pack = packs()["srdi@2026-2"]
    found = tried(pack, await history())
    assert {one.after for one in found} == {"open", "fail"}
    assert all("development_score_y0" in one.lacking and "revenue_y1" not in one.lacking for one in found)
    assert "| 320506 | 通过 | 未定 | 1 |" in report(pack, found)


async def test_a_corrected_text_touches_those_who_were_scored_under_another_one(tmp_path: Path) -> None:
    found, library = await history(), read_library(POLICY)
    assert under_another_text(found, "srdi@2022-63", text_of("srdi@2022-63", library)) == []
    assert under_another_text(found, "srdi@2026-2", "0" * 64) == []
    shipped = POLICY / "packs" / "srdi-2022-63.yaml"
    corrected = tmp_path / "srdi.yaml"
    corrected.write_text(shipped.read_text(encoding="utf-8").replace("pass_at: 60", "pass_at: 70"), encoding="utf-8")
    pack, hash_ = draft(corrected, library), text_of(str(corrected), library)
    touched = under_another_text(found, pack.id, hash_)
    assert touched == found and hash_ != text_of("srdi@2022-63", library)
    assert {one.after for one in tried(pack, touched)} != {one.before for one in tried(pack, touched)}
