"""`python -m tests.fuzz [--cases N] [--seed N] [--only WORD] [--draft]`: fuzz the five OpenAPI documents; the last line sums up."""

import argparse
import asyncio
import logging
import os
import sys
import time
from collections import Counter
from unittest.mock import patch

import structlog
import yaml

from libs.events.contracts.base import SERVICES
from services.identity.channels.ports import Message
from tests.authz.expectation import load_rows
from tests.authz.walker import World
from tests.fuzz.asking import operations
from tests.fuzz.fuzzing import Outcome, each, generated
from tests.fuzz.shapes import drafted

CASES = 6_000
STEP = 8
"""Cases of an operation come in so many, so that one more route does not change those of all the others."""
MOST_SHOWN = 3
LONGEST_SHOWN = 2_000


class Silent:
    """A channel that takes every message."""

    async def send(self, message: Message) -> None:
        return None


async def built() -> World:
    """A world that its children can use in loops of their own: no writer of this one is left."""
    patch("services.identity.sending.channel_of", lambda *_: Silent()).start()
    world = await World().build()
    for runtime in world.runtimes.values():
        await runtime.handler.close()
        runtime.handler._writers.clear()
    return world


def main(cases: int, seed: int, only: str, at_once: int, draft: bool) -> int:
    began = time.monotonic()
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    world = asyncio.run(built())
    found = {label: one for name in SERVICES for label, one in generated(world.apps[name].openapi()).items()}
    wanted = [(one, found[one.label]) for one in operations(world, load_rows()) if only in one.label]
    each_of = -(-cases // len(wanted) // STEP) * STEP
    outcomes = sorted(each(world, wanted, each_of, seed, at_once), key=lambda outcome: outcome.label)
    (drafts(outcomes) if draft else told(outcomes, seed))
    server = sum(fault.server for outcome in outcomes for fault in outcome.faults)
    schema = sum(len(outcome.faults) for outcome in outcomes) - server
    asked = sum(outcome.statuses.total() for outcome in outcomes)
    print(
        f"fuzz: {len(world.apps)} documents, {len(outcomes)} operations, {asked:,} cases, {server} server errors, "
        f"{schema} schema violations, {time.monotonic() - began:.0f} s"
    )
    return 1 if server or schema or asked < cases else 0


def told(outcomes: list[Outcome], seed: int) -> None:
    """Each operation's answers, those that never succeeded, and each kind of fault with a command that repeats it."""
    for outcome in outcomes:
        classes = Counter[str]()
        for status, n in outcome.statuses.items():
            classes[f"{status // 100}xx"] += n
        print(f"{outcome.label}: {', '.join(f'{name} {n}' for name, n in sorted(classes.items()))}")
    nobody, all_ = sum(one.signed_out for one in outcomes), sum(one.statuses.total() for one in outcomes)
    print(f"{all_ - nobody:,} cases asked by somebody signed in, {nobody:,} by nobody")
    never = [one for one in outcomes if not one.answers]
    print(f"{len(never)} operations never answered 2xx; what they said:")
    for one in never:
        print(f"  {one.label}: {', '.join(f'{code} {n}' for code, n in one.refusals.most_common(4))}")
    for outcome in outcomes:
        kinds = Counter(fault.words.splitlines()[0] for fault in outcome.faults)
        for kind, n in list(kinds.items())[:MOST_SHOWN]:
            fault = next(one for one in outcome.faults if one.words.splitlines()[0] == kind)
            print(f"\n{outcome.label} by {fault.who}, {n} of this kind, SEED={seed}: {fault.words}")
            print(f"  {fault.answer}\n  {fault.curl[:LONGEST_SHOWN]}")


def drafts(outcomes: list[Outcome]) -> None:
    """Rows for `openapi.yaml`."""
    for outcome in outcomes:
        method, _, path = outcome.label.partition(" ")
        service, _, rest = path.removeprefix("/api/").partition("/")
        row = {f"{method} /{rest}": drafted(outcome.answers)}
        print(
            f"#{service} {yaml.safe_dump(row, allow_unicode=True, width=10_000, default_flow_style=None, sort_keys=False)}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--cases", type=int, default=CASES, help="at least so many, spread evenly")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="operations with this in their label")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--draft", action="store_true", help="print rows for openapi.yaml instead of faults")
    asked = parser.parse_args()
    sys.exit(main(asked.cases, asked.seed, asked.only, asked.at_once, asked.draft))
