"""Verify an exported log (libs/events/audit/export.py): the standard library alone, no store, no topic, no other module
of the platform; whoever got the folder may run this file by itself: `python offline.py FOLDER`.

Of every event: its hash, its place in the chain, the form and order of its headers, its commit, its stream's version, its
shard; of every shard: clock and time never go back, and its end is the one that `export.json` says.
"""

import hashlib
import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple
from zlib import crc32

FORMAT = "tidu-export-1"
GENESIS = "0" * 64
STEP = 10_000
_HEADERS = re.compile(
    rb"ce_specversion=1\.0\n"
    rb"ce_envelope=1\n"
    rb"ce_id=([!-~]+)\.([1-9][0-9]*)\n"
    rb"ce_type=[!-~]+\n"
    rb"ce_source=([!-~]+)\n"
    rb"ce_subject=([a-z]+-([0-9a-z]+)(?:-[0-9a-z_.]+)*)\n"
    rb"ce_time=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\n"
    rb"content-type=application/json\n"
    rb"ce_partitionkey=\5\n"
    rb"ce_shard=(\d+)\n"
    rb"ce_sequence=(\d{20})\n"
    rb"ce_streamversion=(\d{20})\n"
    rb"ce_commitsize=([1-9][0-9]*)\n"
    rb"(ce_fingerprint=[!-~]+\nce_reads=[!-~]+\n)"
    rb"ce_clock=([0-9a-f]{16})\n"
    rb"(ce_actor=[!-~]+\nce_correlationid=[!-~]+\nce_causationid=[!-~]+\n)"
    rb"ce_previoushash=([0-9a-f]{64})\n\n"
)


class Fault(NamedTuple):
    """Something that does not hold, and exactly where."""

    service: str
    shard: int
    position: int
    what: str


class Walked(NamedTuple):
    """How far the shards of a service hold, by shard, and what does not."""

    service: str
    positions: dict[int, int]
    faults: list[Fault]


def services_in(folder: Path) -> list[str]:
    return sorted(path.parent.name for path in folder.glob("*/export.json"))


def verify_export(
    home: Path, progress: Callable[[int], None] = lambda _: None, signed: Mapping[int, Mapping[int, str]] | None = None
) -> Walked:
    """One service's folder. `signed`: shard → position → hash, as signed by the export's time. Raises OSError, ValueError."""
    content = json.loads((home / "export.json").read_text(encoding="utf-8"))
    if content.get("format") != FORMAT:
        raise ValueError(f"{home} is no export of this kind ({FORMAT})")
    service, shards, positions, faults = str(content["service"]), int(content["shards"]), {}, []
    for shard in range(shards):
        walk = _Walk(shard, shards, (signed or {}).get(shard, {}), progress)
        try:
            with (home / f"{shard}.log").open("rb") as file:
                what = walk.read(file)
        except FileNotFoundError:
            what = "its file is missing"
        end = content["heads"].get(str(shard))
        if what is None and [walk.position, walk.hash] != end:
            what = f"the file ends here, the export says {end}: take another copy"
        if what is None and (later := [n for n in walk.signed if n > walk.position]):
            what = f"the tail was cut: position {max(later)} was signed by the time of this export"
        positions[shard] = walk.position
        if what is not None:
            faults.append(Fault(service, shard, walk.position + 1, what))
    return Walked(service, positions, faults)


class _Walk:
    """One shard from its first event on; stops at the first fault."""

    def __init__(self, shard: int, shards: int, signed: Mapping[int, str], progress: Callable[[int], None]) -> None:
        self.position, self.hash, self.signed = 0, GENESIS, signed
        self._shard, self._shards, self._progress = str(shard).encode(), shards, progress
        self._versions: dict[bytes, int] = {}
        self._commit: tuple[bytes, ...] = ()
        self._left, self._clock, self._time = 0, b"", b""

    def read(self, file: BinaryIO) -> str | None:
        """What is wrong with the event after `position`; None at the end of a whole file."""
        said, sha256 = 0, hashlib.sha256
        while head := file.readline():
            hash_, _, length = head.partition(b" ")
            try:
                size = int(length)
            except ValueError:
                return "the line before the event cannot be read"
            text = file.read(size)
            if len(text) != size or file.read(1) != b"\n":
                return "the file ends in the middle of an event"
            found = sha256(text).hexdigest()
            if found.encode() != hash_:
                return "a hash does not verify: the content was changed"
            if (what := self._holds(text)) is not None:
                return what
            if self.signed and self.signed.get(self.position + 1, found) != found:
                return f"the log was rewritten: {self.signed[self.position + 1]} was signed, it is {found} now"
            self.position, self.hash = self.position + 1, found
            if self.position - said == STEP:
                self._progress(STEP)
                said = self.position
        self._progress(self.position - said)
        return "the last commit is not whole" if self._left else None

    def _holds(self, text: bytes) -> str | None:
        match = _HEADERS.match(text)
        if match is None:
            return "the headers are not those of an event, or not in their order"
        id_, number, source, stream, key, time, shard, sequence, version, size, asked, clock, who, previous = (
            match.groups()
        )
        if int(sequence) != self.position + 1:
            return f"expected position {self.position + 1}, found {int(sequence)}"
        if previous != self.hash.encode():
            return "the chain breaks: the previous hash is not the hash before"
        commit = (id_, source, stream, time, size, asked, clock, who)
        if self._left:
            if commit != self._commit or int(number) != int(size) - self._left + 1:
                return "the commit before is not whole, or its events differ in what they share"
        else:
            if number != b"1":
                return "a commit does not begin with its first event"
            if clock <= self._clock or time < self._time:
                return "the clock runs backwards"
            self._commit, self._left, self._clock, self._time = commit, int(size), clock, time
        self._left -= 1
        before = self._versions.get(stream, 0)
        if int(version) != before + 1:
            return f"{stream.decode()}: expected version {before + 1}, found {int(version)}"
        if shard != self._shard or (not before and crc32(key) % self._shards != int(shard)):
            return "the event does not belong to this shard"
        self._versions[stream] = before + 1
        return None


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) == 2 else None
    if folder is None or not (found := services_in(folder)):
        print("usage: python offline.py FOLDER (a folder of `tidu export`)", file=sys.stderr)
        return 2
    faults = 0
    for service in found:
        walked = verify_export(folder / service)
        print(f"{service}: {sum(walked.positions.values())} positions, {len(walked.faults)} faults")
        for fault in walked.faults:
            print(f"  shard {fault.shard} position {fault.position}: {fault.what}")
        faults += len(walked.faults)
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
