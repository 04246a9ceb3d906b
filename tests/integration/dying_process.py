"""The toy service's consumers as a process that dies at a crash point: `python -m … '{"point": …}'`."""

import asyncio
import json
import logging
import sys
from dataclasses import replace

import structlog

from libs.events import points
from libs.events.flow.reactions import Reaction
from libs.events.runtime import Runtime
from libs.events.service import Service
from libs.events.settings import KernelSettings
from tests import toy
from tests.integration.toy_process import die_at

late = Reaction("when_posted_then_echo_late", "notifications", toy.when_posted_then_echo.handles, toy._react, "head")


def beginning_late() -> Service:
    """The toy with a reaction that begins at what is newest."""
    return replace(toy.service, reactions=[late])


async def consume(point: str, times: int = 1, cured: bool = False, begins_late: bool = False) -> None:
    """Runs until it comes to the point for the so manieth time."""
    if cured:
        toy.CURED.append(True)
    points.arm(die_at(point, times))
    Runtime(beginning_late() if begins_late else toy.service, KernelSettings(), "consume").start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    asyncio.run(consume(**json.loads(sys.argv[1])))
