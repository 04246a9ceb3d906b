"""One mutant, one forked process: what it answers, and how long it may take."""

import gc
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path

KILLED, SURVIVED, BROKEN = 0, 1, 2
LONGEST, LONGEST_WAIT = 60.0, 180.0
"""Seconds of processor time and on the clock that a child may take, whatever its tests take."""
ASLEEP_SECONDS = 12
"""Who sleeps so long without a moment of processor time waits for what never comes; no unit test sleeps half of it. On a
busy machine a process that has something to do is not asleep but in the queue for a core."""
MEMORY = 6 * 2**30


def forked(work: Callable[[], int], expected: float | None) -> str:
    """`killed`, `survived`, `timeout`, `undecided` after a long wait, or `broken`: it could not even be put in place.

    Who sleeps for ever is a `timeout` too. `expected`: seconds of processor time that the work takes without a mutant; None: it may take as long as it likes.
    """
    child = os.fork()
    if child == 0:
        answer = BROKEN
        try:
            answer = _in_child(work, expected)
        finally:
            # Nothing of the parent's stack may be gone through here, whatever happened.
            os._exit(answer)
    if expected is not None and _sleeps_for_ever(child):
        os.kill(child, signal.SIGPROF)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        # A mutant that kills its own process (recursion, memory) has been noticed as well.
        return {signal.SIGPROF: "timeout", signal.SIGALRM: "undecided"}.get(os.WTERMSIG(status), "killed")
    return {KILLED: "killed", SURVIVED: "survived"}.get(os.WEXITSTATUS(status), "broken")


def _sleeps_for_ever(child: int) -> bool:
    """Returns when the child has ended (False), or has slept so long that nothing will wake it."""
    handle, asleep, before = os.pidfd_open(child), 0, ""
    try:
        ended = select.poll()
        ended.register(handle, select.POLLIN)
        while not ended.poll(1_000):
            state, *rest = Path(f"/proc/{child}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            used = " ".join(rest[10:12])
            asleep = asleep + 1 if state == "S" and used == before else 0
            if asleep >= ASLEEP_SECONDS:
                return True
            before = used
    finally:
        os.close(handle)
    return False


def _in_child(work: Callable[[], int], expected: float | None) -> int:
    gc.disable()
    if expected is not None:
        # What runs for ever is noticed, by processor time; what waits may wait for itself or for a busy machine.
        for kind, timer, seconds in (
            (signal.SIGPROF, signal.ITIMER_PROF, min(5 + 3 * expected, LONGEST)),
            (signal.SIGALRM, signal.ITIMER_REAL, min(25 + 50 * expected, LONGEST_WAIT)),
        ):
            signal.signal(kind, signal.SIG_DFL)
            signal.setitimer(timer, seconds)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    return work()


def clock() -> float:
    return time.monotonic()
