"""Before a service takes commands: its store's heads are proven not behind the topic's tails, with equal hashes."""

from aiokafka.errors import KafkaError

from libs.events.audit.topic import audit_consumer, partitions_of, tail_of
from libs.events.errors import Unavailable
from libs.events.flow.clients import put_away
from libs.events.flow.wire import UnknownEnvelope
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
        for shard in range(shards):
            tail = await tail_of(kafka, topic, shard)
            if tail is None:
                continue
            commit = await store.commit_at(shard, tail.position)
            if commit is None:
                raise NotTheSameLog(f"shard {shard}: the topic has position {tail.position}, the store does not")
            if commit.events[tail.position - commit.position].hash != tail.hash:
                raise NotTheSameLog(f"shard {shard}: store and topic differ at position {tail.position}")
    except UnknownEnvelope as unknown:
        raise NotTheSameLog(f"{topic} has events in envelope {unknown}, which this release does not know") from unknown
    except KafkaError as error:
        raise Unavailable(f"the broker does not answer: {type(error).__name__}") from error
    finally:
        await put_away(kafka)
