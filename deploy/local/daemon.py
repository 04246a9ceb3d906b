"""`python -m deploy.local.daemon`: the supervisor's process, detached or tied to whoever started it."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from deploy.local import services
from deploy.local.folder import Folder
from deploy.local.supervisor import Supervisor, Wanted
from deploy.local.trouble import StackError


def main() -> int:
    """Run until told to stop; 1 and the reason when the start failed."""
    given = _arguments()
    wanted = Wanted(
        data=given.data,
        services=[name for name in given.services.split(",") if name],
        shards=given.shards,
        profile=given.profile,
        ports=dict(_port(text) for text in given.port),
        points=given.points,
        brokers=given.brokers,
        change_streams=given.change_streams,
        wires=dict(_port(text) for text in given.wire),
    )
    folder = Folder(given.data)
    try:
        folder.prepare()
        with folder.locked():
            return asyncio.run(_serve(Supervisor(wanted, folder), given.tied))
    except StackError as trouble:
        print(trouble, file=sys.stderr)
        return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--services", default=",".join(services.NAMES))
    parser.add_argument("--shards", type=int, default=6)
    parser.add_argument("--profile", default="local")
    parser.add_argument("--port", action="append", default=[], metavar="NAME=PORT")
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=1)
    parser.add_argument("--wire", action="append", default=[], metavar="NAME=PORT", help="reach kafka or store by it")
    parser.add_argument("--change-streams", action="store_true", help="the store keeps an oplog, as a replica set does")
    parser.add_argument("--tied", action="store_true", help="stop when standard input ends")
    parser.add_argument("--points", action="store_true", help="let crash points be armed (not in production)")
    return parser.parse_args()


def _port(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    return name, int(number)


async def _serve(supervisor: Supervisor, tied: bool) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if tied:
        _stop_at_end_of_input(loop, stop)
    error = "the supervisor failed"
    try:
        error = await _until_told(supervisor, stop)
    finally:
        await supervisor.stop(error)
    if error:
        print(error, file=sys.stderr)
    return 1 if error else 0


async def _until_told(supervisor: Supervisor, stop: asyncio.Event) -> str:
    """Start and stay; the trouble in words, or nothing after an orderly life."""
    start = asyncio.create_task(supervisor.start())
    told = asyncio.create_task(stop.wait())
    await asyncio.wait({start, told}, return_when=asyncio.FIRST_COMPLETED)
    start.cancel()
    trouble = _trouble((await asyncio.gather(start, return_exceptions=True))[0])
    if trouble:
        told.cancel()
        return trouble
    hangups = asyncio.create_task(_obey_hangups(supervisor))
    await told
    hangups.cancel()
    return ""


def _trouble(result: BaseException | None) -> str:
    match result:
        case None:
            return ""
        case asyncio.CancelledError():
            return "stopped while starting"
        case BaseExceptionGroup():
            return "\n".join(_trouble(one) for one in result.exceptions)
        case StackError():
            return str(result)
        case TimeoutError():
            return "fetching Kafka's jars took too long"
        case _:
            raise result


async def _obey_hangups(supervisor: Supervisor) -> None:
    """SIGHUP: read again which parts are to be held down."""
    asked = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, asked.set)
    while True:
        await asked.wait()
        asked.clear()
        try:
            await supervisor.obey_held()
        except StackError as trouble:
            print(trouble, file=sys.stderr)


def _stop_at_end_of_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """The other end of the pipe is held by whoever started this; it closes however that one ends."""

    def look() -> None:
        if not os.read(0, 1024):
            loop.remove_reader(0)
            stop.set()

    loop.add_reader(0, look)


if __name__ == "__main__":
    raise SystemExit(main())
