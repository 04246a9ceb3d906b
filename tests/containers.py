"""Kafka and a one-node replica set by testcontainers, on the official images."""

from collections.abc import Iterator
from contextlib import contextmanager

from testcontainers.core.container import DockerContainer
from testcontainers.core.waiting_utils import wait_for_logs

from deploy.local.ports import choose


@contextmanager
def running_containers(kafka_image: str, mongo_image: str) -> Iterator[tuple[str, str]]:
    """(bootstrap address, store URI). The broker must advertise the host's port, so that is chosen first."""
    port = choose(["kafka"], {}, {})["kafka"]
    kafka = (
        DockerContainer(kafka_image)
        .with_bind_ports(9092, port)
        .with_env("KAFKA_NODE_ID", "1")
        .with_env("KAFKA_PROCESS_ROLES", "broker,controller")
        .with_env("KAFKA_LISTENERS", "PLAINTEXT://:9092,CONTROLLER://:9093")
        .with_env("KAFKA_ADVERTISED_LISTENERS", f"PLAINTEXT://127.0.0.1:{port}")
        .with_env("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER")
        .with_env("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT")
        .with_env("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093")
        .with_env("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1")
        .with_env("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1")
        .with_env("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1")
        .with_env("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
        .with_env("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
    )
    mongo = DockerContainer(mongo_image).with_exposed_ports(27017).with_command("--replSet rs0 --bind_ip_all")
    with kafka, mongo:
        wait_for_logs(kafka, "Kafka Server started", timeout=60)
        wait_for_logs(mongo, "Waiting for connections", timeout=60)
        mongo.exec(["mongosh", "--quiet", "--eval", "rs.initiate()"])
        address = f"{mongo.get_container_host_ip()}:{mongo.get_exposed_port(27017)}"
        yield f"127.0.0.1:{port}", f"mongodb://{address}/?directConnection=true"
