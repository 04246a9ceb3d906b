# /// script
# requires-python = ">=3.11"
# dependencies = ["faust-streaming==0.15.3", "aiokafka[zstd]"]
# ///
"""faust-streaming: an agent that folds into a table, in memory with its changelog topic, as its documentation shows it."""

import os
import sys
import uuid
from typing import Any

import faust
from casefold import Told, fold, name_of

told = Told()
app = faust.App(
    f"faust-{uuid.uuid4().hex}",
    broker=[f"kafka://{address}" for address in told.bootstrap.split(",")],
    store="memory://",
    datadir=f"{told._result}.state",
    topic_partitions=6,
    topic_replication_factor=1,
    consumer_auto_offset_reset="earliest",
    producer_acks=-1,
    web_enabled=False,
)
topic = app.topic(told.topic, key_type=bytes, key_serializer="raw", value_serializer="json", value_type=None)
cases = app.Table("cases", default=None, partitions=6)


@app.agent(topic)
async def folding(stream: Any) -> None:
    async for event in stream.events():
        body = event.value
        key = body["application"]
        document = fold(cases.get(key), name_of(event.headers), body)
        cases[key] = document
        if told.take(key, document):
            told.tell()
            os._exit(0)


sys.argv[1:] = ["worker", "-l", "error"]
app.main()
