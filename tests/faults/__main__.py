"""`python -m tests.faults [SCENARIO…] [--long] [--seed N] [--json FILE]`: scenarios, their table, and the figure."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from pathlib import Path

import structlog

from tests.faults.running import run_all
from tests.faults.scenario import scenarios

SEED = 20240909


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="SCENARIO", help="all when none is named")
    parser.add_argument("--long", action="store_true", help="the long form instead of the slice")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", type=Path, help="write the results here")
    parser.add_argument("--list", action="store_true", help="name the scenarios and what they do")
    given = parser.parse_args()
    known = scenarios()
    if given.list:
        print("\n".join(f"{one.name:28} {one.words}" for one in known.values()))
        return 0
    if unknown := [name for name in given.names if name not in known]:
        print(f"no such scenario: {', '.join(unknown)}\nthere are: {', '.join(known)}", file=sys.stderr)
        return 2
    # What a client says of a broker that was just killed is no news.
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    chosen = [one for one in known.values() if one.name in given.names or not given.names]
    return asyncio.run(run_all(chosen, given.seed, given.long, given.json))


if __name__ == "__main__":
    sys.exit(main())
