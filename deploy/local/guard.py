"""Runs a program that dies with its parent: `guard.py PARENT PROGRAM ARGUMENT…`.

Even a supervisor that is killed outright then leaves nothing behind (Linux; elsewhere only an
orderly stop is covered). A program of its own, because code between fork and exec is not safe.
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
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
