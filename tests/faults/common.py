"""What several scenarios of one run share beside the load's stack: opened by the first that needs it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any


class Common:
    """`async with Common() as common` is as long as the run; `open` gives the same thing to everybody."""

    def __init__(self) -> None:
        self._life = AsyncExitStack()
        self._open: dict[str, Any] = {}

    async def __aenter__(self) -> Common:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._life.aclose()

    async def open(self, name: str, make: Callable[[], AbstractAsyncContextManager[Any]]) -> Any:
        """What `make` opens, made once."""
        if name not in self._open:
            self._open[name] = await self._life.enter_async_context(make())
        return self._open[name]
