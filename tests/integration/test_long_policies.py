"""A policy longer than one event enters the log in pieces; whoever dies between two leaves no half text in force."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from libs.events.clock import BusinessClock
from libs.events.contracts.actors import Actor
from libs.events.handling import Handler
from libs.events.policies import LARGEST_TEXT, PolicyIndex, policy_decider
from libs.events.publishing import publish_policies
from tests.integration.lab import SERVICE, Log
from tests.integration.test_crash_points import breaks_off, log

pytestmark = pytest.mark.integration
__all__ = ["log"]
HEAD = """kind: list
id: long
title: t
source: s
authority: national
effective_from: "2022-01-01"
content:
"""


async def starting(log: Log, folder: Path) -> Any:
    """As much of a service's process as publishing needs, having read what is in the log."""
    index, known = PolicyIndex(), log.handler
    handler = Handler(
        SERVICE, [policy_decider], log.store, known.meta, index, known.wall, known.fingerprints,
        lambda commit: index.take([commit], read=False),
    )  # fmt: skip
    for shard in range(known.meta.shards):
        index.take(await log.store.read_streams(shard, "policy-", "policy."))
    return SimpleNamespace(
        service=SimpleNamespace(name=SERVICE, policies=folder), policies=index, handler=handler,
        business=BusinessClock(), actor=Actor("service", SERVICE),
    )  # fmt: skip


@pytest.mark.parametrize(("point", "times"), [("publish.piece", 1), ("publish.piece", 2), ("publish.whole", 1)])
async def test_publishing_goes_on_where_a_process_died(log: Log, tmp_path: Path, point: str, times: int) -> None:
    lines = [f"  - 第{n}条 {'示例' * 20}" for n in range(2_500)]
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "long.yaml").write_text(HEAD + "\n".join(lines), encoding="utf-8")
    assert len("\n".join(lines).encode()) > 2 * LARGEST_TEXT
    dying = await starting(log, tmp_path)
    await breaks_off(point, lambda: publish_policies(dying), times)
    await dying.handler.close()
    assert bool((await starting(log, tmp_path)).policies.all()) == (point == "publish.whole")
    next_one = await starting(log, tmp_path)
    await publish_policies(next_one)
    await publish_policies(next_one)
    await next_one.handler.close()
    (whole,) = (await starting(log, tmp_path)).policies.all()
    assert len(whole.content["content"]) == len(lines)
    commits = await log.commits()
    assert len({commit.id for commit in commits}) == len(commits) >= 4
