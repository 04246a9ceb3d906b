"""Logs as JSON without personal data, and the figures of a process for Prometheus."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_PERSONAL_KEYS = re.compile(r"(password|phone|mobile|email|login|name|id_number|document_number|token|secret)", re.I)
_SAFE_KEYS = frozenset({"hostname", "filename", "event_name", "logger_name"})
_NUMBERS = re.compile(r"(?<!\d)(1[3-9]\d{9}|\d{17}[\dXx])(?!\d)")


def redact(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop values under personal names; mask what looks like a mobile or an identity number anywhere."""
    for key, value in list(entry.items()):
        if key != "event" and key not in _SAFE_KEYS and _PERSONAL_KEYS.search(key):
            entry[key] = "…"
        elif isinstance(value, str):
            entry[key] = _NUMBERS.sub("…", value)
    return entry


def configure_logging(service: str, level: str) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(level=logging.WARNING, stream=sys.stdout, format="%(name)s %(levelname)s %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(Seldom())


class Seldom(logging.Filter):
    """The same words of a library at most once in ten seconds: while Kafka is away aiokafka says them by the hundred.

    Words are the same when their template is; the next one let through says how many were not.
    """

    def __init__(self, seconds: float = 10.0) -> None:
        super().__init__()
        self._seconds = seconds
        self._said: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        words = (record.name, record.levelno, str(record.msg))
        at, held = self._said.get(words, (-self._seconds, 0))
        if record.created - at < self._seconds:
            self._said[words] = (at, held + 1)
            return False
        if len(self._said) > 1_000:  # templates that are not: words with numbers in them
            self._said.clear()
        self._said[words] = (record.created, 0)
        if held:
            record.msg, record.args = f"{record.getMessage()} (and {held} more like it)", ()
        return True


class Figures:
    """What one process counts; gauges are set when they are read."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        labels, r = {"service": service}, self.registry
        self.commands = Counter("tidu_commands", "Commands handled", ["service", "outcome"], registry=r)
        self.seconds = Histogram(
            "tidu_command_seconds", "From request to answer", ["service"], registry=r,
            buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
        )  # fmt: skip
        self.relayed = Gauge("tidu_relayed_events", "Events copied to the topic", ["service"], registry=r)
        self.unrelayed = Gauge(
            "tidu_unrelayed_seconds", "Age of the oldest commit not relayed", ["service"], registry=r
        )
        self.lag = Gauge("tidu_lag_records", "Records not yet fetched", ["service", "topic"], registry=r)
        self.halted = Gauge("tidu_halted_shards", "Shards in which a consumer stands", ["service", "topic"], registry=r)
        self.parked = Gauge("tidu_parked_records", "Records in the parking lot", ["service", "topic"], registry=r)
        self.foreign = Gauge("tidu_foreign_records", "Records kept aside", ["service", "topic"], registry=r)
        self.lost = Gauge("tidu_lost_shards", "Shards whose topic was lost", ["service", "topic"], registry=r)
        self.rebuilt = Gauge("tidu_clients_rebuilt", "Kafka clients replaced", ["service", "kind"], registry=r)
        self.service = labels["service"]
