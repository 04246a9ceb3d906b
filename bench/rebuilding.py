"""A rebuild in a process of its own, again and again until it is told to stop: `python -m bench.rebuilding STACK CASES SEED`.

It is the product's engine over a topic of the same broker into the same store, as `tidu rebuild` runs beside a stack. The
topic is another one than the services', so that a log can be large that nobody has to have lived through.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import uvloop
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench.folds import into_store
from bench.frame import Lost
from bench.logs import Log
from bench.models import oracle
from deploy.cli.logs_access import open_state
from deploy.local.stack import Stack, load_running

TOPIC, SERVICE = "bench.review", "review"


async def make_topic(bootstrap: str, shards: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(TOPIC, shards, 1)])
    finally:
        await admin.close()


class Rebuilding:
    """`seconds` and `times` of whole rebuilds that were folded and checked while it ran."""

    def __init__(self) -> None:
        self.rates: list[float] = []


@asynccontextmanager
async def rebuilding(stack: Stack, log: Log) -> AsyncIterator[Rebuilding]:
    """While this lasts one rebuild follows another. Raises Lost when one of them was wrong."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.rebuilding", str(stack.data), str(log.cases), str(log.seed),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    made = Rebuilding()
    await process.stdout.readline()  # it folds from here on
    try:
        yield made
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        told, _ = await process.communicate()
        made.rates += [float(line) for line in told.split()]
    if process.returncode:
        raise Lost(f"the rebuild beside ended with {process.returncode}")


async def _again_and_again(stack: Stack, log: Log) -> None:
    # Numbers that no process before has had: it may have been stopped between writing a build and clearing it away.
    wanted, stopped, build = oracle(log), asyncio.Event(), time.time_ns() // 1_000_000
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with open_state(stack, SERVICE) as state:
        print("folding", flush=True)
        while not stopped.is_set():
            build += 1
            one = asyncio.create_task(into_store(stack.kafka, log, state, build, wanted, TOPIC))
            waiting = asyncio.create_task(stopped.wait())
            await asyncio.wait([one, waiting], return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if not one.done():
                one.cancel()
                await asyncio.gather(one, return_exceptions=True)
            else:
                print(f"{one.result():.0f}", flush=True)


if __name__ == "__main__":
    uvloop.run(_again_and_again(load_running(Path(sys.argv[1])), Log(int(sys.argv[2]), seed=int(sys.argv[3]))))
