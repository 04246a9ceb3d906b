"""Virtual time: every simulated process has an event loop of its own, and one scheduler runs them all.

Within a process callbacks run in order, as asyncio promises; between processes the seeded latencies decide.
"""

import asyncio
from asyncio.events import _set_running_loop
from collections import deque
from collections.abc import Callable, Coroutine
from heapq import heappop, heappush
from typing import Any

MOST_STEPS = 400_000


class Killed(BaseException):
    """The process is gone: whatever still runs of it ends here."""


class Timer:
    """A call that is due at a time; lost with its loop's process."""

    __slots__ = ("_cancelled", "_when", "args", "call", "loop")

    def __init__(
        self, when: float, loop: "ProcessLoop | None", call: Callable[..., Any], args: tuple[Any, ...]
    ) -> None:
        self._when, self.loop, self.call, self.args, self._cancelled = when, loop, call, args, False

    def cancel(self) -> None:
        self._cancelled = True

    def cancelled(self) -> bool:
        return self._cancelled

    def when(self) -> float:
        return self._when


class Scheduler:
    """What is due next, over all processes; `now` is in seconds since the world's beginning."""

    def __init__(self) -> None:
        self.now = 0.0
        self.steps = 0
        self.stopped = False
        self.running: ProcessLoop | None = None
        self._heap: list[tuple[float, int, Timer]] = []
        self._count = 0
        self.woken: deque[ProcessLoop] = deque()

    def after(self, delay: float, call: Callable[..., Any], *args: Any, loop: "ProcessLoop | None" = None) -> Timer:
        return self._push(self.now + delay, Timer(self.now + delay, loop, call, args))

    def _push(self, when: float, timer: Timer) -> Timer:
        self._count += 1
        heappush(self._heap, (when, self._count, timer))
        return timer

    def run(self) -> None:
        """Until nothing is due, or `stopped`. Raises RuntimeError when the world does not come to rest."""
        try:
            self._wake()
            while self._heap and not self.stopped:
                when, _, timer = heappop(self._heap)
                loop = timer.loop
                if timer._cancelled or (loop is not None and loop.dead):
                    continue
                if loop is not None and loop.stalled_until > when:
                    self._push(loop.stalled_until, timer)
                    continue
                self.now = when
                self.steps += 1
                self._enter(loop)
                timer.call(*timer.args)
                self._wake()
                if self.steps > MOST_STEPS:
                    raise RuntimeError("this world does not come to rest")
        finally:
            self._enter(None)

    def _wake(self) -> None:
        """Run every callback that is ready now."""
        woken = self.woken
        while woken and not self.stopped:
            loop = woken.popleft()
            loop.woken = False
            if loop.dead:
                continue
            if loop.stalled_until > self.now:
                self._push(loop.stalled_until, Timer(loop.stalled_until, loop, loop.wake, ()))
                continue
            self._enter(loop)
            ready = loop.ready
            while ready and not loop.dead:
                self.steps += 1
                call, args = ready.popleft()
                call(*args)
                if loop.stalled_until > self.now:
                    loop.wake()
                    break
                if self.steps > MOST_STEPS:
                    raise RuntimeError("this world does not come to rest")

    def _enter(self, loop: "ProcessLoop | None") -> None:
        if self.running is not loop:
            self.running = loop
            _set_running_loop(loop)


class ProcessLoop(asyncio.AbstractEventLoop):
    """One process's event loop. `process` is what runs on it."""

    def __init__(self, scheduler: Scheduler, name: str, process: Any = None) -> None:
        self.scheduler, self.name, self.process = scheduler, name, process
        self.dead = False
        self.woken = False
        self.stalled_until = 0.0
        self.ready: deque[tuple[Callable[..., Any], tuple[Any, ...]]] = deque()
        self.tasks: list[asyncio.Task[Any]] = []

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> None:  # type: ignore[override]
        self.ready.append((callback, args))
        if not self.woken:
            self.woken = True
            self.scheduler.woken.append(self)

    def wake(self) -> None:
        if not self.woken:
            self.woken = True
            self.scheduler.woken.append(self)

    def call_later(self, delay: float, callback: Any, *args: Any, context: Any = None) -> Timer:  # type: ignore[override]
        return self.scheduler.after(delay, callback, *args, loop=self)

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> Timer:  # type: ignore[override]
        return self.scheduler.after(max(0.0, when - self.scheduler.now), callback, *args, loop=self)

    def time(self) -> float:
        return self.scheduler.now

    def create_future(self) -> "asyncio.Future[Any]":
        return asyncio.Future(loop=self)

    def create_task(self, coro: Coroutine[Any, Any, Any], *, name: str | None = None, context: Any = None) -> Any:  # type: ignore[override]
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=self, name=name)
        self.tasks.append(task)
        return task

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return not self.dead

    def is_closed(self) -> bool:
        return self.dead

    def call_exception_handler(self, context: Any) -> None:
        """What a dead process would have said."""

    def kill(self) -> None:
        """Nothing of this process runs any more; what it has sent is on its way."""
        self.dead = True
        self.ready.clear()

    def bury(self) -> None:
        """Close what is left of the tasks, so that none is found unfinished later. The world has ended by now."""
        self.dead = True
        for task in self.tasks:
            if task.done():
                task.cancelled() or task.exception()
                continue
            task._log_destroy_pending = False  # type: ignore[attr-defined]
            for _ in range(4):
                try:
                    task.get_coro().close()  # type: ignore[union-attr]
                    break
                except RuntimeError:
                    continue  # a `finally` waited again
                except BaseException:  # noqa: BLE001 - the dead may say what they like
                    break
        self.tasks.clear()
        self.ready.clear()
