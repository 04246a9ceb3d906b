"""The whole demo on a running stack: the stories, then replay and verification, then what came of it."""

import time
from collections import Counter
from typing import Any

import msgspec

from deploy.cli.replay import replay_stack
from deploy.cli.verify import Side, verify_stack
from deploy.demo.stories import Outcome, Step, Stories
from deploy.demo.world import World
from deploy.local.stack import Stack
from deploy.local.trouble import StackError
from libs.events.audit.replay import Entry
from libs.events.audit.verify import Report
from libs.events.contracts.base import SERVICES


class Result(msgspec.Struct):
    """What the demo shows at its end."""

    outcomes: list[Outcome]
    timeline: list[Entry]
    reports: list[Report]
    elapsed_seconds: float

    @property
    def faults(self) -> int:
        return sum(len(report.faults) for report in self.reports)

    def as_json(self) -> dict[str, Any]:
        """`cases`, `events` per service, `verified` positions per service and shard, `elapsed_seconds`."""
        return {
            "cases": [{"name": o.name, "application": o.application, "state": o.state} for o in self.outcomes],
            "events": {r.service: sum(s.positions for s in r.shards) for r in self.reports},
            "verified": {r.service: {str(s.shard): s.topic_positions for s in r.shards} for r in self.reports},
            "faults": [msgspec.to_builtins(fault) for r in self.reports for fault in r.faults],
            "replayed": dict(Counter(entry.service for entry in self.timeline)),
            "elapsed_seconds": round(self.elapsed_seconds, 1),
        }


async def run_demo(stack: Stack, step: Step) -> Result:
    """Drive all cases through the gateway; read the logs only afterwards, as an auditor."""
    world = world_of(stack)
    try:
        return await tell(stack, Stories(world, step))
    finally:
        await world.close()


def world_of(stack: Stack) -> World:
    """Nobody in it yet but the system's administrator."""
    secrets = stack.secrets
    return World(stack.gateway, (secrets.system_admin_login, secrets.system_admin_password))


async def tell(stack: Stack, stories: Stories) -> Result:
    """The stories on this stack, then replay and verification."""
    began, step = time.monotonic(), stories.step
    if (await stories.world.admin.get("/identity/clock"))["offset_ms"] != 0:
        raise StackError(
            "Business time has been moved here before: the demo needs a fresh stack.",
            "take another folder: tidu demo --data DIR",
        )
    outcomes = await stories.run()
    first = next(o for o in outcomes if o.case == "1")
    step("回放", f"案卷 {first.application[:8]}… 由五个服务的日志合并")
    timeline = await replay_stack(stack, first.application)
    step("校验", "每个分片逐条校验，并与 Kafka 逐字节比对")
    reports = await verify_stack(stack, list(SERVICES), Side.both, quiet=True)
    return Result(outcomes, timeline, reports, time.monotonic() - began)
