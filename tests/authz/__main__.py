"""`python -m tests.authz [--slice]`: walk the cells, print the differences; the last line sums up."""

import argparse
import asyncio
import sys
import time

from tests.authz.expectation import load_rows
from tests.authz.walker import World, pairwise, unused, walk

MOST_SHOWN = 200


async def main(slice_: bool) -> int:
    began, rows = time.monotonic(), load_rows()
    world = await World().build()
    cells = pairwise(world.cells()) if slice_ else world.cells()
    report = await walk(world, rows, cells)
    report.differences += [f"{name}: no document lists this route" for name in unused(rows, world)]
    await world.close()
    for line in report.differences[:MOST_SHOWN]:
        print(line)
    print(f"{len(world.routes)} routes, {len(world.people)} people, {time.monotonic() - began:.0f} s")
    print(report.last_line)
    return 1 if report.differences else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.authz")
    parser.add_argument("--slice", action="store_true", help="all routes × roles, pairwise for the rest")
    sys.exit(asyncio.run(main(parser.parse_args().slice)))
