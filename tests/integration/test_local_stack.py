"""The embedded stack by itself: parts that die, owners that die, folders and ports that are taken."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from deploy.local import probes
from deploy.local.ports import choose
from deploy.local.stack import Stack, load_running, running_stack
from deploy.local.trouble import StackError
from libs.events.flow import topics
from tests.integration.running import eventually

pytestmark = pytest.mark.integration
OWNER = """
import asyncio, sys
from pathlib import Path
from deploy.local.stack import running_stack

async def main():
    async with running_stack(Path(sys.argv[1]), services=()) as stack:
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    async with running_stack(tmp_path_factory.mktemp("own"), services=()) as running:
        yield running
        pids = list(running.pids.values())
    assert not any(_lives(pid) for pid in pids)


@pytest.mark.parametrize("part", ["kafka", "store"])
async def test_a_part_that_is_killed_comes_back_on_its_port(part: str, stack: Stack) -> None:
    before = stack.pids[part]
    os.kill(before, signal.SIGKILL)

    async def back() -> bool:
        return stack.pids.get(part, before) != before and stack.state.parts[part]["status"] == "ready"

    await eventually(back, f"for {part}")
    assert stack.restarts[part] == 1
    assert await {"kafka": probes.kafka, "store": probes.store}[part](stack.ports[part])


async def test_a_part_can_be_taken_away_and_given_back(stack: Stack) -> None:
    await stack.hold("kafka")
    assert "kafka" not in stack.pids
    assert not await probes.kafka(stack.ports["kafka"])
    await stack.release("kafka")
    assert await probes.kafka(stack.ports["kafka"])


async def test_topics_with_another_number_of_partitions_are_refused(stack: Stack) -> None:
    assert await topics.run(stack.kafka, topics.load(shards=6)) == []
    with pytest.raises(topics.TopicsWrong, match="6 partitions, this deployment has 12 shards"):
        await topics.run(stack.kafka, topics.load(shards=12))


async def test_a_second_supervisor_on_the_same_folder_is_refused_in_words(stack: Stack) -> None:
    second = [sys.executable, "-m", "deploy.local.daemon", "--data", str(stack.data), "--services", ""]
    done = await asyncio.to_thread(subprocess.run, second, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "in use by another stack" in done.stderr
    assert "tidu down" in done.stderr
    assert load_running(stack.data).pids == stack.pids


def test_a_port_that_is_taken_is_named(stack: Stack) -> None:
    taken = stack.ports["kafka"]
    with pytest.raises(StackError, match=f"Port {taken} for gateway is taken"):
        choose(["gateway"], {"gateway": taken}, {})


def test_secrets_are_for_their_owner_alone(stack: Stack) -> None:
    assert (stack.data / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert stack.secrets.passwords["review"] in stack.store_uri("review")
    assert stack.secrets.passwords["review"] not in json.dumps(stack.state.__dict__)


async def test_a_folder_starts_again_with_its_data_and_nothing_outlives_a_killed_owner_or_supervisor(
    tmp_path: Path,
) -> None:
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OWNER, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert owner.stdout is not None
    assert await owner.stdout.readline() == b"ready\n"
    first, cluster = load_running(tmp_path), (tmp_path / "kafka/data/meta.properties").read_text()
    secrets, pids = first.secrets, list(first.pids.values())
    owner.kill()
    await owner.wait()

    async def gone() -> bool:
        return not any(_lives(pid) for pid in pids)

    await eventually(gone, "for the stack of a killed owner to end")
    async with running_stack(tmp_path, services=()) as second:
        assert (tmp_path / "kafka/data/meta.properties").read_text() == cluster
        assert second.secrets == secrets
        pids = list(second.pids.values())
        os.kill(second.pids["supervisor"], signal.SIGKILL)
        await eventually(gone, "for the parts of a killed supervisor to end")
    with pytest.raises(StackError, match="No stack is running"):
        load_running(tmp_path)


async def test_a_damaged_folder_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text('{"passwords": {}}')
    with pytest.raises(StackError, match=r"secrets.json is damaged: .*master_key"):
        async with running_stack(tmp_path, services=()):
            pass


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
