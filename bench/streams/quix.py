# /// script
# requires-python = ">=3.11"
# dependencies = ["quixstreams==3.28.1"]
# ///
"""quixstreams: a stateful function per key, state in RocksDB with its changelog topic, as its documentation shows it."""

import logging
import uuid
from typing import Any

from casefold import Told, fold, name_of
from quixstreams import Application

logging.disable(logging.WARNING)
told = Told()


def step(body: dict[str, Any], _key: Any, _timestamp: Any, headers: Any, state: Any) -> None:
    document = fold(state.get("case"), name_of(headers), body)
    state.set("case", document)
    told.take(body["application"], document)


application = Application(
    broker_address=told.bootstrap,
    consumer_group=f"quix-{uuid.uuid4().hex}",
    auto_offset_reset="earliest",
    state_dir=f"{told._result}.state",
    loglevel="ERROR",
    consumer_extra_config={"max.partition.fetch.bytes": 4 * 1024 * 1024, "fetch.max.bytes": 16 * 1024 * 1024},
    producer_extra_config={"enable.idempotence": True, "acks": "all", "compression.type": "zstd"},
)
frame = application.dataframe(application.topic(told.topic, value_deserializer="json"))
frame = frame.apply(step, stateful=True, metadata=True)
application.run(count=told.events, timeout=60)
told.tell()
