"""One stack with all five services, the demo driven once on it while they are killed, and readers of its logs."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from deploy.demo.companies import Company
from deploy.demo.filing import Filing
from deploy.demo.run import tell, world_of
from deploy.demo.stories import Stories
from deploy.demo.world import Enterprise
from deploy.local.stack import Stack, running_stack
from libs.events.contracts.base import SERVICES
from tests.e2e.asking import Caller
from tests.e2e.tale import Tale
from tests.sharing import only_here

# What leaves traces for others comes last.
ORDER = (
    "test_demo_cases", "test_replay", "test_outside_readers", "test_bad_input", "test_commands", "test_accounts",
    "test_security_keys", "test_readmes",
    "test_trouble", "test_privacy", "test_erasure", "test_tampering",
)  # fmt: skip
SEED = 20240909


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mine = [n for n, item in enumerate(items) if Path(__file__).parent in item.path.parents]
    ranked = sorted((items[n] for n in mine), key=lambda item: ORDER.index(item.path.stem))
    for n, item in zip(mine, ranked, strict=True):
        item.add_marker(pytest.mark.e2e)
        items[n] = item


@pytest.fixture(scope="package")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    only_here(tmp_path_factory, "whole stack")
    async with running_stack(tmp_path_factory.mktemp("whole")) as running:
        yield running


@pytest.fixture(scope="package")
async def tale(stack: Stack) -> AsyncIterator[Tale]:
    """The whole demo, each service killed once in its midst, and everybody who took part still there."""
    world = world_of(stack)
    steps: list[tuple[str, str]] = []
    stories = Stories(world, lambda case, words: steps.append((case, words)))
    fire = asyncio.create_task(kill_at_random(stack, Random(SEED)))
    try:
        result = await tell(stack, stories)
    finally:
        fire.cancel()
        with suppress(asyncio.CancelledError):
            await fire
    yield Tale(stack, world, stories, steps, result)
    await world.close()


async def kill_at_random(stack: Stack, random: Random) -> None:
    """Each service once, in random order."""
    for name in random.sample(SERVICES, len(SERVICES)):
        await asyncio.sleep(random.uniform(0.3, 3.0))
        os.kill(stack.pids[name], signal.SIGKILL)


@pytest.fixture(scope="package")
async def window(tale: Tale) -> str:
    """After the stories: a window of 江苏 for 创新型 that is open for as long as the tests may take."""
    await tale.world.open_window(
        "open", "js-windows", "declaration", "innovative", "2027.1", authority="320000", regions=["320000"],
        title="江苏省创新型中小企业", closes="2099-12-31 17:00", form="innovative-2022", pack="innovative@2022-63",
    )  # fmt: skip
    return tale.world.windows["open"]


@pytest.fixture(scope="package")
async def newcomer(tale: Tale, window: str) -> Enterprise:
    """A verified enterprise of 玄武区 with a profile and nothing else."""
    return await tale.world.enterprise(Company(101, "南京梯度示例新来科技有限公司", "320000", "320102"))


@pytest.fixture(scope="package")
async def neighbour(tale: Tale, window: str) -> Enterprise:
    """Another one, to be kept out of the first one's affairs."""
    return await tale.world.enterprise(Company(102, "南京梯度示例邻居科技有限公司", "320000", "320102"))


@pytest.fixture(scope="package")
async def draft(tale: Tale, newcomer: Enterprise) -> Filing:
    """Begun and filled in, not yet submitted."""
    made = Filing(tale.world, newcomer, "declaration", "innovative", "open", "innovative-2022")
    await made.draft()
    return made


@pytest.fixture(scope="package")
async def filed(tale: Tale, neighbour: Enterprise) -> Filing:
    """Submitted and waiting at the county."""
    made = Filing(tale.world, neighbour, "declaration", "innovative", "open", "innovative-2022")
    await made.draft()
    await made.submit()
    await made.at_review(made.officer("js-county"))
    return made


@pytest.fixture(scope="package")
async def call(stack: Stack) -> AsyncIterator[Caller]:
    caller = Caller(stack.gateway)
    yield caller
    await caller.close()
