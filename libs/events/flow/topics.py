"""Topics from the one list in `deploy/topics.yaml`: creates what is missing and checks what is there.

Run as `python -m libs.events.flow.topics`, once per start of a deployment, before the services.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

TOPICS_FILE = Path(__file__).parents[3] / "deploy" / "topics.yaml"


class TopicsWrong(Exception):
    """The broker refused a topic, or holds one that this deployment must not use."""


@dataclass(frozen=True)
class Topic:
    """One topic as the deployment wants it; `config` holds Kafka's own names and values."""

    name: str
    owner: str
    partitions: int
    replication: int
    config: Mapping[str, str]


def load(profile: str = "local", shards: int | None = None, prefix: str = "") -> list[Topic]:
    """The list for a profile; `shards` (TIDU_SHARDS) goes before the profile's number of partitions."""
    data: dict[str, Any] = yaml.safe_load(TOPICS_FILE.read_text(encoding="utf-8"))
    chosen = data["profiles"][profile]
    config = {**data["config"], **chosen["config"]}
    return [
        Topic(prefix + t["name"], t["owner"], shards or chosen["shards"], chosen["replication"], config)
        for t in data["topics"]
    ]


async def ensure(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> list[str]:
    """Create the missing topics, check the partitions of all; the names that were made."""
    have = set(await admin.list_topics())
    missing = [topic for topic in topics if topic.name not in have]
    if missing:
        await _create(admin, missing)
    await _check(admin, topics)
    return [topic.name for topic in missing]


async def _create(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> None:
    answer = await admin.create_topics(
        [NewTopic(t.name, t.partitions, t.replication, topic_configs=dict(t.config)) for t in topics]
    )
    # aiokafka returns refusals as codes and raises nothing.
    for name, code, *words in answer.topic_errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise TopicsWrong(f"{name}: {for_code(code).__name__} {' '.join(map(str, words))}")


async def _check(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> None:
    found = {t["topic"]: t for t in await _described(admin, [t.name for t in topics])}
    for topic in topics:
        partitions = len(found[topic.name]["partitions"])
        if partitions != topic.partitions:
            raise TopicsWrong(
                f"{topic.name} has {partitions} partitions, this deployment has {topic.partitions} shards"
            )


async def _described(admin: AIOKafkaAdminClient, names: list[str]) -> list[dict[str, Any]]:
    """A topic just made may not have its leaders yet: asked again for ten seconds."""
    for _ in range(100):
        found: list[dict[str, Any]] = await admin.describe_topics(names)
        if all(t["error_code"] == 0 and t["partitions"] for t in found):
            return found
        await asyncio.sleep(0.1)
    wrong = {t["topic"]: for_code(t["error_code"]).__name__ for t in found if t["error_code"]}
    raise TopicsWrong(f"topics without leaders: {wrong}")


async def connected(bootstrap: str, wait: float) -> AIOKafkaAdminClient:
    """An admin client whose broker has answered a metadata request within `wait` seconds."""
    until = asyncio.get_running_loop().time() + wait
    while True:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        try:
            await admin.start()
            if (await admin.describe_cluster())["brokers"]:
                return admin
        except (KafkaError, OSError) as error:
            if asyncio.get_running_loop().time() > until:
                raise TopicsWrong(f"Kafka at {bootstrap} does not answer: {error}") from error
        await admin.close()
        await asyncio.sleep(0.1)


async def run(bootstrap: str, topics: Sequence[Topic], wait: float = 60) -> list[str]:
    """Wait for the broker, then `ensure`."""
    admin = await connected(bootstrap, wait)
    try:
        return await ensure(admin, topics)
    finally:
        await admin.close()


def main() -> int:
    """Exit 0 when every topic is there with the right partitions, else 1 and the reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kafka", default=os.environ.get("TIDU_KAFKA"))
    parser.add_argument("--profile", default=os.environ.get("TIDU_PROFILE", "local"))
    parser.add_argument("--shards", type=int, default=os.environ.get("TIDU_SHARDS"))
    parser.add_argument("--wait", type=float, default=60)
    given = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    if not given.kafka:
        parser.error("TIDU_KAFKA or --kafka is needed")
    try:
        wanted = load(given.profile, given.shards, os.environ.get("TIDU_PREFIX", ""))
        made = asyncio.run(run(given.kafka, wanted, given.wait))
    except TopicsWrong as wrong:
        print(wrong, file=sys.stderr)
        return 1
    print("topics made: " + (", ".join(made) or "none, all there"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
