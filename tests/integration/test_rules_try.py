"""`tidu rules try` on a real store: the submissions of the log scored again, those under another text alone, nothing written."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

import deploy.cli.rules as rules
from libs.events.contracts.assessment import ApplicationScored
from libs.events.contracts.base import Event
from libs.events.policies import read_policy_file
from libs.events.store.mongo import MongoCommits, connect
from services.assessment.domain.scores.commands import score_stream
from tests.backends import Backends
from tests.integration.lab import Log, log_of, say, saying
from tests.unit.assessment.kit import SRDI_PACK, judge, move, scored, submit
from tests.unit.assessment.samples import POLICY, SRDI

pytestmark = pytest.mark.integration
POOR = SRDI | {"rd_expense_y1": "99.00", "revenue_y1": "3000.00", "main_revenue_y1": "2900.00", "market_years": 10}


@pytest.fixture
def corrected(tmp_path: Path) -> Path:
    """The shipped pack with a higher pass mark."""
    path = tmp_path / "srdi.yaml"
    shipped = (POLICY / "packs" / "srdi-2022-63.yaml").read_text(encoding="utf-8")
    path.write_text(shipped.replace("  pass_at: 60\n", "  pass_at: 64\n"), encoding="utf-8")
    return path


def under(text: Path, events: list[Event]) -> list[Event]:
    """The same history, scored under another text of the pack."""
    hash_ = read_policy_file(text).sha256
    return [
        msgspec.structs.replace(one, pack=msgspec.structs.replace(one.pack, sha256=hash_))
        if isinstance(one, ApplicationScored)
        else one
        for one in events
    ]


@pytest.fixture
async def log(backends: Backends, corrected: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Log]:
    """Four applications in assessment's log; the command opens it with a connection of its own."""
    prefix = await backends.fresh()

    @asynccontextmanager
    async def open_logs(stack: None) -> AsyncIterator[dict[str, MongoCommits]]:
        client = connect(backends.store_uri)
        try:
            yield {"assessment": MongoCommits(client, "assessment", prefix)}
        finally:
            client.close()

    monkeypatch.setattr(rules, "load_running", lambda data: None)
    monkeypatch.setattr(rules, "open_logs", open_logs)
    histories = {
        "a1": scored(submit(answers=POOR), submit(round=2)),
        "b2": scored(submit(), judge(points="0"), move(region="320506")),
        "c3": scored(submit(answers=POOR)),
        "d4": under(corrected, scored()),
    }
    async with log_of(backends, prefix, "assessment", saying("score")) as made:
        for enterprise, events in histories.items():
            for event in events:
                await say(made, score_stream(enterprise, "a"), event)
        assert len({commit.shard for commit in await made.commits()}) > 1
        yield made


async def tidu(*arguments: str) -> list[str]:
    result = await asyncio.to_thread(CliRunner().invoke, rules.app, ["try", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


async def test_every_latest_score_is_tried_and_of_a_correction_only_those_it_touches(log: Log, corrected: Path) -> None:
    before = await log.places()
    everything = await tidu(SRDI_PACK)
    assert everything[-1] == "4 件，结论改变 0 件：新通过 0，不再通过 0。未写入任何内容。"
    under_it = await tidu(str(corrected))
    assert under_it[-1] == "4 件，结论改变 3 件：新通过 0，不再通过 3。未写入任何内容。"
    touched = await tidu(str(corrected), "--touched")
    assert touched[-1] == "3 件，结论改变 2 件：新通过 0，不再通过 2。未写入任何内容。"
    assert "| 320506 |" in "\n".join(touched)
    the_other = await tidu(SRDI_PACK, "--touched")
    assert the_other[-1] == "1 件，结论改变 0 件：新通过 0，不再通过 0。未写入任何内容。"
    assert await log.places() == before
