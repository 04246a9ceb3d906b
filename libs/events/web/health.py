"""Readiness and figures: lag, halted shards, parked records, age of the oldest commit not yet relayed."""

from typing import Any

from libs.events.flow.cursors import DOUBTFUL, LOST, Cursor
from libs.events.runtime import Runtime

SLOW_RELAY_SECONDS = 60.0


def readiness(runtime: Runtime) -> tuple[int, dict[str, Any]]:
    """(HTTP status, what is missing and how far everything is)."""
    missing = runtime.ready()
    topics = {topic: _topic(runtime, topic) for topic in runtime.consuming.subscriptions}
    content = {
        "service": runtime.service.name,
        "role": runtime.role,
        "ready": not missing,
        "missing": missing,
        "unrelayed_seconds": round(runtime.relay.oldest_waiting(), 1) if runtime.relay else None,
        "relay_halted": list(runtime.relay.troubles.values()) if runtime.relay else [],
        "rebuilt": dict(runtime.consuming.rebuilt()),
        "follower_trouble": runtime.follower.trouble(),
        "follower_behind_seconds": round(min(runtime.follower.behind(), 1e9), 1),
        "business_offset_ms": runtime.business.offset_ms,
        "topics": topics,
    }
    return (503 if missing else 200), content


def _topic(runtime: Runtime, topic: str) -> dict[str, Any]:
    subscription, feed = runtime.consuming.subscriptions[topic], runtime.consuming.feeds[topic]
    return {
        "lag": sum(feed.lag().values()) if feed.assigned else None,
        "halted": halted(runtime, topic),
        "parked": sum(consumer.lot.count for consumer in subscription.consumers),
        "foreign": subscription.foreign,
    }


def halted(runtime: Runtime, topic: str) -> list[str]:
    """Consumers that stand, with the shard, why, and the way out; one that only reads alone does not count."""
    subscription = runtime.consuming.subscriptions[topic]
    found = [
        f"{name}/{shard}: {cursor.trouble}{_way_out(topic, cursor)}"
        for (name, shard), cursor in subscription.cursors.items()
        if not cursor.attached and cursor.trouble not in ("behind", DOUBTFUL)
    ]
    if runtime.consuming.watchdog is not None and subscription.topic in runtime.consuming.watchdog.gone:
        found.append(f"{subscription.topic}: the broker has no such topic; if it was deleted: tidu republish {topic}")
    return found


def _way_out(topic: str, cursor: Cursor) -> str:
    if cursor.trouble == LOST:
        return f": {topic}.events does not hold position {cursor.at.position}; restore it: tidu republish {topic}"
    if cursor.trouble == "gap":
        missing = cursor.at.position + 1
        return f": {topic}.events lacks position {missing}; if it does not come: tidu republish {topic}"
    return ""


def measure(runtime: Runtime) -> None:
    """Set the gauges from the present state."""
    figures, name = runtime.figures, runtime.service.name
    if runtime.relay is not None:
        figures.relayed.labels(name).set(runtime.relay.sent)
        figures.unrelayed.labels(name).set(runtime.relay.oldest_waiting())
    for kind, count in runtime.consuming.rebuilt().items():
        figures.rebuilt.labels(name, kind).set(count)
    for topic in runtime.consuming.subscriptions:
        cursors = runtime.consuming.subscriptions[topic].cursors.values()
        figures.lost.labels(name, topic).set(sum(cursor.trouble == LOST for cursor in cursors))
        found = _topic(runtime, topic)
        figures.lag.labels(name, topic).set(found["lag"] or 0)
        figures.halted.labels(name, topic).set(len(found["halted"]))
        figures.parked.labels(name, topic).set(found["parked"])
        figures.foreign.labels(name, topic).set(found["foreign"])
