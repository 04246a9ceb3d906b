"""Ids and hashes by the text of the architecture (3.0, 3.1, 3.7), in code of our own."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha1, sha256
from typing import Any
from zlib import crc32

NAMESPACE = bytes.fromhex("0b9d4c1e52f65a839e17c4a86d2f7b35")
GENESIS = "0" * 64
HASHED = (
    "ce_specversion", "ce_envelope", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "content-type",
    "ce_partitionkey", "ce_shard", "ce_sequence", "ce_streamversion", "ce_commitsize", "ce_fingerprint", "ce_reads",
    "ce_clock", "ce_actor", "ce_correlationid", "ce_causationid", "ce_previoushash",
)  # fmt: skip


def id_of(*fields: str) -> str:
    """UUID version 5 (RFC 9562) of the fields joined by U+001F, as 32 hex digits."""
    digest = bytearray(sha1(NAMESPACE + "\x1f".join(fields).encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    return digest.hex()


def shard_of(partition_key: str, shards: int) -> int:
    return crc32(partition_key.encode()) % shards


def blind(pepper: str, what: str, text: str) -> str:
    """A blind index: 32 hex digits of an HMAC-SHA256 under the deployment's pepper."""
    return hmac.new(pepper.encode(), f"{what}\x1f{text}".encode(), sha256).hexdigest()[:32]


def headers_of(commit: Mapping[str, Any], n: int, previous: str) -> dict[str, str]:
    """The hashed headers of a stored commit's event number `n` (from 0)."""
    event = commit["events"][n]
    return {
        "ce_specversion": "1.0",
        "ce_envelope": str(commit["envelope"]),
        "ce_id": event["id"],
        "ce_type": event["type"],
        "ce_source": commit["source"],
        "ce_subject": commit["stream"],
        "ce_time": commit["recorded_at"],
        "content-type": "application/json",
        "ce_partitionkey": commit["partition_key"],
        "ce_shard": str(commit["shard"]),
        "ce_sequence": str(commit["position"] + n).zfill(20),
        "ce_streamversion": str(commit["version"] + n).zfill(20),
        "ce_commitsize": str(len(commit["events"])),
        "ce_fingerprint": commit["fingerprint"],
        "ce_reads": ",".join(f"{stream}@{version}" for stream, version in commit["reads"]) or "-",
        "ce_clock": commit["clock"],
        "ce_actor": commit["actor"],
        "ce_correlationid": commit["correlation_id"],
        "ce_causationid": commit["causation_id"],
        "ce_previoushash": previous,
    }


def hash_of(headers: Mapping[str, str], body: bytes) -> str:
    """SHA-256 of the lines `name=value`, an empty line, and the body."""
    text = "".join(f"{name}={headers[name]}\n" for name in HASHED) + "\n"
    return sha256(text.encode("ascii") + body).hexdigest()
