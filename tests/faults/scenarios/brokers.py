"""Three brokers, replication 3, two in sync: one dead, the leaders moved, two dead, one after another renewed."""

from __future__ import annotations

import time
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from libs.events.contracts.base import SERVICES
from tests.faults.harness import NotProven, Trial
from tests.faults.level import Levels
from tests.faults.people import Person
from tests.faults.registering import register
from tests.faults.scenario import scenario

BROKERS = ("kafka", "kafka-2", "kafka-3")


@scenario("one-broker-dead", "of three brokers one is killed and stays dead: its leaders move", site="cluster")
async def one_dead(trial: Trial) -> None:
    for number in (1, 2, 3) if trial.long else (2,):
        name = BROKERS[number - 1]
        led = await _leaders(trial)
        await _killed(trial, name)
        moved = await trial.until(lambda n=number: _led_by_others(trial, n), f"the leaders of {name} to move")
        await trial.flowing()
        trial.injected("leaders moved", sum(leader == number for leader in led.values()))
        trial.note(f"{name} dead: {moved} partitions led by the other two, everything flows")
        await trial.stack.release(name)
        await _in_sync(trial)


@scenario("two-brokers-dead", "of three brokers two are killed: commands go on, officials wait", site="cluster")
async def two_dead(trial: Trial) -> None:
    for _ in range(3 if trial.long else 1):
        await Person(trial.workload.world, trial.workload.town.officers["js-county"], trial.random).sign_in()
        if (await _official(trial)).status_code != 200:
            raise NotProven("the official is not let in although nothing is broken yet")
        since, dead = time.monotonic(), await _two_with_identity(trial)
        await _killed(trial, *dead)
        accepted = [await register(trial) for _ in range(5)]
        await trial.until(lambda: _officials_wait(trial), "officials to be answered 503", 60)
        waited = time.monotonic() - since
        accepted += [await register(trial) for _ in range(5)]
        async with Levels(trial.stack) as levels:
            heads = await trial.until(levels.heads, "the logs to answer")
            if await levels.passed(heads):
                raise NotProven("everything was relayed although two brokers of three were dead")
        trial.note(
            f"{' and '.join(dead)} dead: {len(accepted)} registrations accepted, officials answered 503 after {waited:.1f} s"
        )
        began = time.monotonic()
        for name in dead:
            await trial.stack.release(name)
        await trial.until(lambda: _officials_go_on(trial), "officials to be let in again")
        await trial.flowing()
        trial.ready_seconds.setdefault("two brokers", []).append(time.monotonic() - began)
        await _in_sync(trial)


@scenario("brokers-rolling", "three brokers are stopped and started one after another under load", site="cluster")
async def rolling(trial: Trial) -> None:
    for _ in range(3 if trial.long else 1):
        for name in BROKERS if trial.long else BROKERS[:1]:
            await trial.stack.hold(name)
            trial.injected(f"{name} stopped")
            began = time.monotonic()
            await trial.stack.release(name)
            await _in_sync(trial)
            trial.ready_seconds.setdefault(name, []).append(time.monotonic() - began)
        await trial.flowing()


async def _two_with_identity(trial: Trial) -> list[str]:
    """Two brokers, one of which leads a partition of identity's: else it can still be read, and nobody need wait."""
    led = await trial.until(lambda: _leaders(trial), "the brokers to say who leads")
    first = min(leader for (topic, _), leader in led.items() if topic == "identity.events")
    return [BROKERS[first - 1], BROKERS[first % len(BROKERS)]]


async def _killed(trial: Trial, *names: str) -> None:
    """SIGKILL, and held before the supervisor starts them again."""
    for name in names:
        await trial.kill(name)
        await trial.stack.hold(name)


async def _described(trial: Trial) -> list[Any]:
    """Every partition of every topic as the live brokers tell it: [error, partition, leader, replicas, in sync …]."""
    admin = AIOKafkaAdminClient(bootstrap_servers=trial.stack.kafka, request_timeout_ms=3_000)
    try:
        await admin.start()
        found = await admin.describe_topics([f"{service}.events" for service in SERVICES])
        return [partition | {"topic": topic["topic"]} for topic in found for partition in topic["partitions"]]
    except (KafkaError, OSError):
        return []
    finally:
        await admin.close()


async def _leaders(trial: Trial) -> dict[tuple[str, int], int]:
    return {(p["topic"], p["partition"]): p["leader"] for p in await _described(trial)}


async def _led_by_others(trial: Trial, number: int) -> int:
    leaders = await _leaders(trial)
    return len(leaders) if leaders and number not in leaders.values() and -1 not in leaders.values() else 0


async def _in_sync(trial: Trial) -> None:
    async def all_three() -> bool:
        found = await _described(trial)
        return bool(found) and all(len(p["isr"]) == len(BROKERS) for p in found)

    await trial.until(all_three, "all replicas to be in sync again", every=0.2)


async def _official(trial: Trial) -> Any:
    account = trial.workload.town.officers["js-county"]
    bearer = {"Authorization": f"Bearer {account.token}"}
    return await trial.workload.world.http.get("/review/queue", headers=bearer)


async def _officials_wait(trial: Trial) -> bool:
    answer = await _official(trial)
    if answer.status_code == 500:
        raise NotProven(f"an official was answered 500: {answer.text[:200]}")
    return bool(answer.status_code == 503 and answer.json()["code"] == "platform.unavailable")


async def _officials_go_on(trial: Trial) -> bool:
    return (await _official(trial)).status_code not in (500, 502, 503)
