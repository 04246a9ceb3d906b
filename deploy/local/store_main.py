"""The embedded store's process.

It serves each connection by a thread under one lock. With Python's usual turns of five milliseconds a thread that
waits for the lock waits for turns of others too; shorter turns cost little and let it go on.
"""

import runpy
import sys

TURN_SECONDS = 0.0005


def main() -> None:
    sys.setswitchinterval(TURN_SECONDS)
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
