"""Runs a program that dies with its parent: `guard.py PARENT NICE PROGRAM ARGUMENT…`.

Even a supervisor that is killed outright then leaves nothing behind (Linux; elsewhere only an
orderly stop is covered). A program of its own, because code between fork and exec is not safe.
NICE above 0 lets others have the processor first.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent = int(sys.argv[1])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            raise SystemExit("the supervisor is gone")
    if nice := int(sys.argv[2]):
        yield_to_others(nice)
    os.execv(sys.argv[3], sys.argv[3:])


def yield_to_others(nice: int) -> None:
    """Each part is a session of its own, so where Linux groups processes by session it is the group that yields."""
    os.nice(nice)
    try:
        with open("/proc/self/autogroup", "w", encoding="ascii") as group:
            group.write(str(nice))
    except OSError:
        return


if __name__ == "__main__":
    main()
