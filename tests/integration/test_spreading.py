"""A large fold by several processes: the same read model, never beyond the live one, and whoever is killed, it goes on."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec
import pytest

from deploy.cli.logs_access import state_at
from libs.events.contracts.base import SERVICES
from libs.events.errors import Unavailable
from libs.events.flow.folding import NotFoldable
from libs.events.flow.live import LIVE
from libs.events.flow.projections import Document, Projection
from libs.events.flow.rebuild import Progress, Rebuild
from libs.events.flow.spreading import Part, Spread, fold_spread
from libs.events.recorded import Recorded
from libs.events.store.ports import Contended, Stale, StateStore
from tests.backends import SHARDS
from tests.integration.lab import SERVICE, Log
from tests.integration.test_rebuild import fill, held, level, log, once_consuming, second
from tests.toy import counters

__all__ = ["log"]
pytestmark = pytest.mark.integration
FATAL = "TIDU_TEST_FATAL"
"""A file: who applies an event takes it away and dies."""


def plain() -> Projection:
    return counters


def fatal() -> Projection:
    return msgspec.structs.replace(counters, apply=_apply_or_die)


def _apply_or_die(document: Document | None, event: Recorded) -> Document | None:  # type: ignore[type-arg]
    try:
        Path(os.environ[FATAL]).unlink()
    except FileNotFoundError:
        return counters.apply(document, event)
    os.kill(os.getpid(), signal.SIGKILL)
    return None


class Watch:
    """How many processes folded at once, at most."""

    def __init__(self) -> None:
        self.most, self.steps = 0, set[str]()

    def __call__(self, at: Progress) -> None:
        self.most = max(self.most, len(multiprocessing.active_children()))
        self.steps.add(at.step)


def spread_rebuild(log: Log, watch: Watch, projection: object = plain) -> Rebuild:
    topics = {name: f"{log.prefix}{name}.events" for name in SERVICES}
    spread = Spread(partial(state_at, log.backends.store_uri, SERVICE, log.prefix), projection, 2, 1)  # type: ignore[arg-type]
    return Rebuild(SERVICE, counters, log.state, topics, SHARDS, log.backends.kafka, watch, spread)


async def test_two_processes_fold_what_one_would_and_no_further_than_the_live_build(log: Log) -> None:
    watch = Watch()
    async with once_consuming(log):
        await fill(log, 60)
        await level(log)
    await fill(log, 40, first=100)  # nobody has consumed these
    done = await spread_rebuild(log, watch).run()
    assert done.parity is not None and done.parity.equal and done.parity.against == LIVE
    assert watch.most == 2, "this was not spread"
    assert done.events == sum(len(commit.events) for commit in await log.commits())
    await level(log, second)


async def test_a_fold_whose_process_is_killed_says_so_and_goes_on(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fatal_file = tmp_path / "fatal"
    fatal_file.touch()
    monkeypatch.setenv(FATAL, str(fatal_file))
    async with once_consuming(log):
        await fill(log, 60)
        await level(log)
    with pytest.raises(Unavailable, match="was killed; run this again"):
        await spread_rebuild(log, Watch(), fatal).run()
    assert not fatal_file.exists() and not multiprocessing.active_children()
    done = await spread_rebuild(log, Watch(), fatal).run()
    assert done.resumed and done.parity is not None and done.parity.equal
    assert await held(log, second) == await held(log, counters)


@asynccontextmanager
async def refusing(error: type[Exception]) -> AsyncIterator[StateStore]:
    raise error("so it is")
    yield


@pytest.mark.parametrize(
    ("error", "here"), [(Stale, Stale), (Contended, Stale), (NotFoldable, NotFoldable), (Unavailable, Unavailable)]
)
async def test_what_a_process_met_is_met_here(error: type[Exception], here: type[Exception]) -> None:
    part = Part(SERVICE, 2, {}, "127.0.0.1:1", {})
    with pytest.raises(here, match="so it is"):
        await fold_spread([(Spread(partial(refusing, error), plain), part)], lambda _: None)


async def test_a_defect_is_not_called_a_refusal() -> None:
    part = Part(SERVICE, 2, {}, "127.0.0.1:1", {})
    with pytest.raises(ExceptionGroup) as found:
        await fold_spread([(Spread(partial(refusing, KeyError), plain), part)], lambda _: None)
    assert "so it is" in str(found.value.exceptions[0])


async def test_processes_end_with_whoever_started_them(log: Log) -> None:
    """Cancelled, as Ctrl-C does."""
    async with once_consuming(log):
        await fill(log, 30)
        await level(log)
    work = asyncio.create_task(spread_rebuild(log, Watch()).run())
    async with asyncio.timeout(30):
        while not multiprocessing.active_children():
            await asyncio.sleep(0.01)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert not multiprocessing.active_children()
