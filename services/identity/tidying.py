"""Sessions that are over and attempts that no longer count are deleted now and then."""

import asyncio

from libs.events.errors import Unavailable
from libs.events.runtime import Runtime
from services.identity import attempts, sessions

EVERY_SECONDS = 600.0


async def tidy(runtime: Runtime) -> None:
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            await tidy_once(runtime)
        except Unavailable:
            continue


async def tidy_once(runtime: Runtime) -> None:
    now = runtime.wall()
    await runtime.documents(sessions.COLLECTION).delete({"ends": {"$lte": now}})
    await runtime.documents(attempts.COLLECTION).delete({"until": {"$lte": now}})
