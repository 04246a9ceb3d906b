"""The toy service as a process that tests race and kill: `write`, `relay` or `consume`, with JSON for what else."""

import asyncio
import json
import logging
import os
import signal
import sys

import structlog

from libs.events import points
from libs.events.contracts.base import SERVICES
from libs.events.flow import bulk, folding
from libs.events.flow.rebuild import Rebuild
from libs.events.runtime import Runtime
from libs.events.settings import KernelSettings
from tests import toy
from tests.backends import Backends
from tests.integration.lab import log_of, posted
from tests.integration.running import eventually


def speak(what: object) -> None:
    print(json.dumps(what), flush=True)


async def told() -> None:
    await asyncio.to_thread(sys.stdin.readline)


async def _ready(runtime: Runtime) -> bool:
    return not runtime.ready()


def die_at(point: str, times: int = 1) -> points.Watch:
    """Dies when `point` is reached that often."""
    left = times

    def watch(reached: str) -> None:
        nonlocal left
        left -= reached == point
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return watch


async def write(settings: KernelSettings, who: int, count: int, streams: list[str]) -> None:
    """Commands as fast as they go, to streams of one shard; the places they were given."""
    backends = Backends("process", settings.kafka, settings.store_uri)
    async with log_of(backends, settings.prefix) as log:
        speak("ready")
        await told()
        commands = [posted(f"{who}-{n}", name=streams[n % len(streams)], count=1 + n % 2) for n in range(count)]
        decided = await asyncio.gather(*(log.handler.handle(command) for command in commands))
        speak([[d.commit.id, d.commit.position] for d in decided if d.commit])


async def relay(settings: KernelSettings) -> None:
    """Dies after a window was sent, before the checkpoint."""
    backends = Backends("process", settings.kafka, settings.store_uri)
    async with log_of(backends, settings.prefix) as log:
        doomed = log.relay()
        points.arm(die_at("relay.sent"))
        await doomed.run()


async def consume(settings: KernelSettings, transactions: int) -> None:
    """Dies in the middle: after a transaction, before Kafka hears of it."""
    runtime = Runtime(toy.service, settings, "consume")
    runtime.start()
    await eventually(lambda: _ready(runtime), "to be ready")
    points.arm(die_at("runner.saved", transactions))
    speak("ready")
    await told()


async def rebuild(settings: KernelSettings, portions: int) -> None:
    """Dies after a portion of a rebuild."""
    folding.EVENTS_A_PORTION = bulk.PORTION = 10
    topics = {name: f"{settings.prefix}{name}.events" for name in SERVICES}
    backends = Backends("process", settings.kafka, settings.store_uri)
    async with log_of(backends, settings.prefix) as log:
        speak("begun")
        points.arm(die_at("rebuild.written", portions))
        await Rebuild(log.service, toy.counters, log.state, topics, settings.shards, settings.kafka).run()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    doing = {"write": write, "relay": relay, "consume": consume, "rebuild": rebuild}[sys.argv[1]]
    asyncio.run(doing(KernelSettings(), **json.loads(sys.argv[2])))
