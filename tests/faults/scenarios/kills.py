"""SIGKILL: at every crash point, of any process at random, of the broker, of the store."""

from __future__ import annotations

from tests.faults.harness import Trial
from tests.faults.scenario import scenario


@scenario("broker-kill", "the only broker is killed under load")
async def broker_kill(trial: Trial) -> None:
    for _ in range(20 if trial.long else 1):
        await trial.kill("kafka")
        trial.say(f"ready again after {await trial.until_ready('kafka'):.1f} s")
