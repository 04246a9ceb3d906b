"""One mutant, one forked process: what it answers, and how long it may take."""

import gc
import os
import resource
import signal
import time
from collections.abc import Callable

KILLED, SURVIVED, BROKEN = 0, 1, 2
LONGEST, LONGEST_WAIT = 60.0, 180.0
"""Seconds of processor time and on the clock that a child may take, whatever its tests take."""
MEMORY = 6 * 2**30


def forked(work: Callable[[], int], expected: float | None) -> str:
    """`killed`, `survived`, `timeout`, `undecided` after a long wait, or `broken`: it could not even be put in place.

    `expected`: seconds of processor time that the work takes without a mutant; None: it may take as long as it likes.
    """
    child = os.fork()
    if child == 0:
        answer = BROKEN
        try:
            answer = _in_child(work, expected)
        finally:
            # Nothing of the parent's stack may be gone through here, whatever happened.
            os._exit(answer)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        # A mutant that kills its own process (recursion, memory) has been noticed as well.
        return {signal.SIGPROF: "timeout", signal.SIGALRM: "undecided"}.get(os.WTERMSIG(status), "killed")
    return {KILLED: "killed", SURVIVED: "survived"}.get(os.WEXITSTATUS(status), "broken")


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
