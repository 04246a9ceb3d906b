"""The whole demo while services are killed at random moments: it still ends right."""

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path
from random import Random

from deploy.demo.run import run_demo
from deploy.local.stack import Stack, running_stack
from libs.events.contracts.base import SERVICES
from tests.e2e.tale import assert_sound
from tests.e2e.test_demo_cases import STATES

SEED = 20240909


async def test_the_demo_ends_right_although_services_are_killed_in_the_middle(tmp_path: Path) -> None:
    async with running_stack(tmp_path) as stack:
        fire = asyncio.create_task(kill_at_random(stack, Random(SEED)))
        try:
            result = await run_demo(stack, lambda case, words: None)
        finally:
            fire.cancel()
            with suppress(asyncio.CancelledError):
                await fire
        assert {outcome.case: outcome.state for outcome in result.outcomes} == STATES
        assert not result.faults and {entry.service for entry in result.timeline} == set(SERVICES)
        assert all(stack.restarts[name] for name in SERVICES)
        await assert_sound(stack)


async def kill_at_random(stack: Stack, random: Random) -> None:
    """Each service once in random order, three of them again; one that is down already is let be."""
    for name in [*random.sample(SERVICES, len(SERVICES)), *random.sample(SERVICES, 3)]:
        await asyncio.sleep(random.uniform(0.3, 3.0))
        if (pid := stack.pids.get(name)) is not None:
            os.kill(pid, signal.SIGKILL)
