"""Facts 2, 5 and 9 of the design: our own subscribers, the page that publishes, and the broker without partitions."""

import importlib
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer
from faststream import AckPolicy
from faststream.asgi import AsgiFastStream
from faststream.kafka import KafkaBroker, TestKafkaBroker

from libs.events.contracts.base import SERVICES
from libs.events.flow import broker as ours
from libs.events.runtime import Runtime
from libs.events.web.app import make_app
from tests.backends import Backends
from tests.integration.facts.plain import new_topic, partitions
from tests.integration.running import settings

pytestmark = pytest.mark.integration


def service_of(name: str) -> Any:
    return importlib.import_module(f"services.{name}.app").service


async def test_every_subscriber_of_every_service_is_manual_with_our_parser_and_decoder(backends: Backends) -> None:
    prefix, walked = await backends.fresh(), {}
    for name in SERVICES:
        runtime = Runtime(service_of(name), settings(backends, prefix))
        runtime._make_handler(await runtime.store.meta())
        await runtime.consuming.fit()
        await runtime.consuming.subscribe()
        subscribers = list(runtime.consuming.broker.subscribers)
        for subscriber in subscribers:
            arguments, options = subscriber._connection_args, subscriber._call_options
            assert subscriber.ack_policy is AckPolicy.MANUAL
            assert (arguments["enable_auto_commit"], arguments["auto_offset_reset"]) == (False, "earliest")
            assert options.parser is ours._parse and options.decoder is ours._decode
        walked[name] = len(subscribers)
        assert walked[name] == len(runtime.consuming.subscriptions)
        await runtime.stop()
    assert all(walked.values()), walked


async def test_the_asyncapi_page_lets_anybody_publish(backends: Backends) -> None:
    topic = await new_topic(backends)
    broker = KafkaBroker(backends.kafka, logger=None)
    app = AsgiFastStream(broker, asyncapi_path="/asyncapi")
    said = {"channelName": f"{topic}:Handle", "message": {"message": "forged"}, "options": {"sendToRealBroker": True}}
    transport = httpx.ASGITransport(app=app)
    async with broker, httpx.AsyncClient(transport=transport, base_url="http://facts") as stranger:
        answer = await stranger.post("/asyncapi/try", json=said)
        assert answer.status_code == 200
    kafka = AIOKafkaConsumer(bootstrap_servers=backends.kafka, enable_auto_commit=False)
    await kafka.start()
    try:
        (tp,) = partitions(topic, 1)
        assert (await kafka.end_offsets([tp]))[tp] == 1
    finally:
        await kafka.stop()


@pytest.mark.parametrize("name", SERVICES)
async def test_no_service_of_ours_serves_that_page(backends: Backends, name: str) -> None:
    app = make_app(Runtime(service_of(name), settings(backends, "none")))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://facts") as stranger:
        assert (await stranger.get(f"/api/{name}/docs")).status_code == 200
        for path in ("/asyncapi/try", f"/api/{name}/asyncapi/try", "/docs/asyncapi/try"):
            assert (await stranger.post(path, json={})).status_code == 404
    await app.state.runtime.stop()


async def test_the_test_broker_has_no_partitions_offsets_or_redelivery() -> None:
    broker = KafkaBroker("127.0.0.1:1", logger=None, apply_types=False)
    seen: list[tuple[int, int]] = []
    calls: list[Any] = []

    @broker.subscriber("t", ack_policy=AckPolicy.NACK_ON_ERROR, group_id="g")
    async def handle(body: Any) -> None:
        raw = broker.context.get_local("message").raw_message
        seen.append((raw.partition, raw.offset))
        calls.append(body)
        if len(calls) == 1:
            raise ValueError("the first is refused, and should come again")

    async with TestKafkaBroker(broker):
        with pytest.raises(ValueError, match="the first"):
            await broker.publish("a", "t", partition=3)
        await broker.publish("b", "t", partition=4)
    assert len(calls) == 2, "what was refused never comes again"
    assert seen == [(3, 0), (4, 0)], "a partition is what the sender says, an offset is always 0"
