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
    """A call that is due at a time unless it is cancelled: what asyncio gets for its `call_at`."""

    __slots__ = ("_cancelled", "_when", "call")

    def __init__(self, when: float, call: Callable[..., Any]) -> None:
        self._when, self.call, self._cancelled = when, call, False

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
        self._heap: list[tuple[float, int, ProcessLoop | None, Any, tuple[Any, ...]]] = []
        self._count = 0
        self.woken: deque[ProcessLoop] = deque()

    def after(
        self, delay: float, call: "Callable[..., Any] | Timer", *args: Any, loop: "ProcessLoop | None" = None
    ) -> None:
        """Call it then, on a process's loop or on none; it is lost with its loop's process."""
        self._count += 1
        heappush(self._heap, (self.now + delay, self._count, loop, call, args))

    def _again(self, loop: "ProcessLoop", call: Any, args: tuple[Any, ...]) -> None:
        """As soon as the process stands still no more."""
        self._count += 1
        heappush(self._heap, (loop.stalled_until, self._count, loop, call, args))

    def run(self) -> None:
        """Until nothing is due, or `stopped`. Raises RuntimeError when the world does not come to rest."""
        try:
            self._wake()
            heap, woken = self._heap, self.woken
            while heap and not self.stopped:
                when, _, loop, call, args = heappop(heap)
                if call.__class__ is Timer and call._cancelled:
                    continue
                if loop is not None:
                    if loop.dead:
                        continue
                    if loop.stalled_until > when:
                        self._again(loop, call, args)
                        continue
                self.now = when
                self.steps += 1
                if self.running is not loop:
                    self._enter(loop)
                (call.call if call.__class__ is Timer else call)(*args)
                if woken:
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
                self._again(loop, loop.wake, ())
                continue
            if self.running is not loop:
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
        return self.call_at(self.scheduler.now + delay, callback, *args)

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> Timer:  # type: ignore[override]
        timer = Timer(when, callback)
        self.scheduler.after(max(0.0, when - self.scheduler.now), timer, *args, loop=self)
        return timer

    def time(self) -> float:
        return self.scheduler.now

    def create_future(self) -> "asyncio.Future[Any]":
        return asyncio.Future(loop=self)

    def create_task(self, coro: Coroutine[Any, Any, Any], *, name: str | None = None, context: Any = None) -> Any:  # type: ignore[override]
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=self, name=name)
        self.tasks.append(task)
        return task

    get_debug = bool  # type: ignore[assignment]
    """Always False, and asked for each future: a function of our own would be a figure in the run's time."""

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
