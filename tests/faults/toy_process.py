"""The kernel's small service as a process: `python -m tests.faults.toy_process ROLE [twin]`; answers lines with JSON."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from typing import Any

import structlog

from libs.events import consuming, points
from libs.events.flow.broker import Feed
from libs.events.runtime import Runtime
from libs.events.settings import KernelSettings
from tests import toy


def read_as_a_twin() -> None:
    """In a group of its own: consumes every shard beside whoever consumes it already, which nothing should ever do."""

    def feed(broker: Any, subscription: Any, group: str, *more: Any) -> Feed:
        return Feed(broker, subscription, f"twin.{group}", *more)

    setattr(consuming, "Feed", feed)  # noqa: B010 - a name of another module, on purpose


class Figures:
    """What came of this process: reactions whose command was there already, and transactions that came too late."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime, self.taken = runtime, 0
        handle = runtime.handler.handle

        async def counted(*given: Any, **more: Any) -> Any:
            decided = await handle(*given, **more)
            self.taken += decided.repeated
            return decided

        runtime.handler.handle = counted  # type: ignore[method-assign]

    def now(self) -> dict[str, Any]:
        subscriptions = self.runtime.consuming.subscriptions.values()
        return {
            "missing": self.runtime.ready(),
            "stale": sum(s.reloads for s in subscriptions),
            "taken": self.taken,
            "shards": sorted(shard for s in subscriptions for shard in s.shards),
            "relayed": self.runtime.relay.sent if self.runtime.relay else 0,
            "read": sum(
                min(s.cursors[c.name, n].at.position for c in s.consumers) for s in subscriptions for n in s.shards
            ),
        }


def stop_once_at(wanted: str) -> points.Watch:
    """SIGSTOP to itself the first time a point is reached."""
    left = [1]

    def watch(point: str) -> None:
        if point == wanted and left:
            left.clear()
            os.kill(os.getpid(), signal.SIGSTOP)

    return watch


def speak(what: object) -> None:
    print(json.dumps(what), flush=True)


async def main(role: Any, twin: bool) -> None:
    if twin:
        read_as_a_twin()
    runtime = Runtime(toy.service, KernelSettings(), role)
    runtime.start()
    figures: Figures | None = None
    while runtime.ready():
        if figures is None and hasattr(runtime, "handler"):
            figures = Figures(runtime)
        await asyncio.sleep(0.02)
    figures = figures or Figures(runtime)
    speak("ready")
    while words := (await asyncio.to_thread(sys.stdin.readline)).split():
        if words[0] == "stop":
            points.arm(stop_once_at(words[1]))
        speak(figures.now())


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    asyncio.run(main(sys.argv[1], "twin" in sys.argv[2:]))
