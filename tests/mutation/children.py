"""One mutant, one forked process: what it answers, and how long it may take."""

import gc
import os
import resource
import signal
import time
from collections.abc import Callable

KILLED, SURVIVED, BROKEN = 0, 1, 2
TIMED_OUT = signal.SIGALRM
MEMORY = 6 * 2**30


def forked(work: Callable[[], int], seconds: float) -> str:
    """`killed`, `survived`, `timeout`, or `broken` when the mutant could not even be put in place."""
    child = os.fork()
    if child == 0:
        os._exit(_in_child(work, seconds))
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        # A mutant that kills its own process (recursion, memory) has been noticed as well.
        return "timeout" if os.WTERMSIG(status) == TIMED_OUT else "killed"
    return {KILLED: "killed", SURVIVED: "survived"}.get(os.WEXITSTATUS(status), "broken")


def _in_child(work: Callable[[], int], seconds: float) -> int:
    gc.disable()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    return work()


def patience(expected: float) -> float:
    """Seconds: the machine may be busy with other things."""
    return 15 + 5 * expected


def clock() -> float:
    return time.monotonic()
