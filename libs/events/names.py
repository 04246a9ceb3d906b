"""Streams and shards: a stream's second part is its partition key for ever, so the shard follows from the name."""

import re
from zlib import crc32

_STREAM = re.compile(r"[a-z]+-[0-9a-z]+(-[0-9a-z_.]+)*")


def stream_name(category: str, partition_key: str, *parts: str) -> str:
    """`<category>-<partition key>[-<part>…]`. Raises ValueError when a part would make the name ambiguous."""
    name = "-".join((category, partition_key, *parts))
    if _STREAM.fullmatch(name) is None or name.count("-") != 1 + len(parts):
        raise ValueError(f"not a stream name: {name!r}")
    return name


def category_of(stream: str) -> str:
    return stream.split("-", 1)[0]


def partition_key_of(stream: str) -> str:
    return stream.split("-", 2)[1]


def shard_of(partition_key: str, shards: int) -> int:
    """crc32 of the key's UTF-8 bytes modulo the deployment's number of shards P."""
    return crc32(partition_key.encode()) % shards
