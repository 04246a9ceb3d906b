"""The reader's rule, from the specification and the standard library alone: dense positions, chained, verified hashes."""

from hashlib import sha256

HEADERS = [
    "ce_specversion",
    "ce_envelope",
    "ce_id",
    "ce_type",
    "ce_source",
    "ce_subject",
    "ce_time",
    "content-type",
    "ce_partitionkey",
    "ce_shard",
    "ce_sequence",
    "ce_streamversion",
    "ce_commitsize",
    "ce_fingerprint",
    "ce_reads",
    "ce_clock",
    "ce_actor",
    "ce_correlationid",
    "ce_causationid",
    "ce_previoushash",
]


class Shards:
    """Remembers each partition's last position and hash. `accept` says whether a record is the next true one."""

    def __init__(self) -> None:
        self.last: dict[int, tuple[int, str]] = {}
        self.gaps = self.foreign = 0

    def accept(self, partition: int, headers: dict[str, bytes], body: bytes) -> bool:
        text = b"".join(f"{name}=".encode() + headers.get(name, b"") + b"\n" for name in HEADERS) + b"\n" + body
        if headers.get("ce_hash", b"").decode() != sha256(text).hexdigest():
            self.foreign += 1
            return False
        position, previous = self.last.get(partition, (0, "0" * 64))
        sequence = int(headers["ce_sequence"])
        if sequence == position and headers["ce_hash"].decode() != previous:
            raise SystemExit(f"partition {partition} forks at {sequence}: two histories of one position")
        if sequence <= position:
            return False
        if sequence > position + 1:
            self.gaps += 1
            return False
        if headers["ce_previoushash"].decode() != previous:
            raise SystemExit(f"partition {partition} forks at {sequence}: two histories of one position")
        self.last[partition] = (sequence, headers["ce_hash"].decode())
        return True
