"""Before a service takes commands: its store's heads are proven not behind the topic's tails, with equal hashes."""

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from libs.events.audit.topic import Forked, audit_consumer, partitions_of, read_shard, tails_of
from libs.events.errors import Unavailable
from libs.events.flow.clients import put_away
from libs.events.flow.wire import Arrived, UnknownEnvelope
from libs.events.store.ports import CommitStore


class NotTheSameLog(Exception):
    """The store is behind its topic, or says something else: it must be restored from the topic first."""


async def check_start(bootstrap: str, topic: str, store: CommitStore, shards: int) -> None:
    """Raises NotTheSameLog (restore first), Unavailable (the broker does not answer)."""
    kafka = audit_consumer(bootstrap)
    try:
        await kafka.start()
        partitions = await partitions_of(kafka, topic)
        if partitions != shards:
            raise NotTheSameLog(f"{topic} has {partitions} partitions, the store has {shards} shards")
        for shard, tail in (await tails_of(kafka, topic, range(shards))).items():
            if tail is not None and await _difference(store, tail) is not None:
                # Anybody could have written a record with a high number: only one that is next by the reader's rule
                # counts, and for that the whole shard is read.
                await _check_whole(kafka, topic, store, shard)
    except UnknownEnvelope as unknown:
        raise NotTheSameLog(f"{topic} has events in envelope {unknown}, which this release does not know") from unknown
    except KafkaError as error:
        raise Unavailable(f"the broker does not answer: {type(error).__name__}") from error
    finally:
        await put_away(kafka)


async def _difference(store: CommitStore, record: Arrived) -> str | None:
    commit = await store.commit_at(record.raw.partition, record.position)
    if commit is None:
        return f"the topic has position {record.position}, the store does not"
    if commit.events[record.position - commit.position].hash != record.hash:
        return f"store and topic differ at position {record.position}"
    return None


async def _check_whole(kafka: AIOKafkaConsumer, topic: str, store: CommitStore, shard: int) -> None:
    last = None
    try:
        async for record in read_shard(kafka, topic, shard):
            last = record
    except Forked as fork:
        raise NotTheSameLog(f"{topic}: {fork}") from fork
    difference = await _difference(store, last) if last is not None else None
    if difference is not None:
        raise NotTheSameLog(f"shard {shard}: {difference}")
