# /// script
# requires-python = ">=3.11,<3.13"
# dependencies = ["bytewax[kafka]==0.21.1", "orjson"]
# ///
"""bytewax: a keyed stateful map in one worker, without recovery (its default), bodies by orjson."""

from typing import Any

import bytewax.operators as op
import orjson
from bytewax.connectors.kafka import KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, run_main
from casefold import Told, fold, name_of

told = Told()
out: list[Any] = []


def keyed(message: Any) -> tuple[str, tuple[str, dict[str, Any]]]:
    body = orjson.loads(message.value)
    return body["application"], (name_of(message.headers), body)


def step(document: dict[str, Any] | None, one: tuple[str, dict[str, Any]]) -> tuple[dict[str, Any], int]:
    changed = fold(document, *one)
    told.take(one[1]["application"], changed)
    return changed, 1


flow = Dataflow("cases")
source = KafkaSource(
    told.bootstrap.split(","), [told.topic], tail=False, batch_size=1_000,
    add_config={"max.partition.fetch.bytes": str(4 * 1024 * 1024), "fetch.max.bytes": str(16 * 1024 * 1024)},
)  # fmt: skip
records = op.input("topic", flow, source)
folded = op.stateful_map("fold", op.map("key", records, keyed), step)
op.output("out", op.filter("none", folded, lambda _: False), TestingSink(out))
run_main(flow)
told.tell()
