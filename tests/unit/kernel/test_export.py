"""An exported log is verified by itself: whatever was changed, cut, swapped or written anew is named with its position."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from libs.events.audit import offline
from libs.events.audit.export import write_export
from libs.events.contracts.times import instant, time_text
from libs.events.envelope import GENESIS, Commit, StoredEvent, chained
from libs.events.names import shard_of
from libs.events.store.memory import MemoryCommits

SHARDS, ELSEWHERE = 2, "s0"
Texts = list[bytes]
Change = Callable[[Texts], Texts]


async def _log() -> MemoryCommits:
    """Two shards, four streams, 21 commits of one or two events, a Chinese body. All but the last three lie in shard 1."""
    store, at = MemoryCommits(SHARDS), dict.fromkeys(range(SHARDS), (0, GENESIS))
    versions: dict[str, int] = {}
    for n in range(21):
        key = f"k{n % 3}" if n < 18 else ELSEWHERE
        stream, shard, size = f"case-{key}-a", shard_of(key, SHARDS), 1 + n % 2
        position, previous = at[shard]
        version = versions.get(stream, 0)
        commit = chained(
            Commit(
                id=f"{n:032x}", fingerprint="-", envelope=1, source="/tidu/test/1/review", partition_key=key, shard=shard,
                position=position + 1, last_position=position + size, stream=stream, version=version + 1,
                last_version=version + size, reads=[("case-k0-b", 1)] if n == 4 else [],
                recorded_at=time_text(instant(1_725_240_600_000 + n // 2)), clock=f"{(1_725_240_600_000 << 16) + n:016x}",
                actor="account:a1", correlation_id="c", causation_id="c", traceparent="",
                events=[StoredEvent(f"{n:032x}.{i + 1}", "review.X.v1", f'{{"n":{n},"字":"甲\\n乙"}}', "") for i in range(size)],
                previous_hash=previous, hash="",
            )
        )  # fmt: skip
        assert await store.append([commit]) is None
        at[shard], versions[stream] = (commit.last_position, commit.hash), commit.last_version
    return store


@pytest.fixture
async def home(tmp_path: Path) -> Path:
    written = await write_export(tmp_path, "review", await _log(), "2024-09-02T01:30:00.000Z")
    assert written == 31
    return tmp_path / "review"


def _texts(path: Path) -> Texts:
    with path.open("rb") as file:
        found = []
        while head := file.readline():
            found.append(file.read(int(head.split(b" ")[1])))
            file.read(1)
        return found


def _put(path: Path, texts: Texts) -> None:
    """As whoever holds the file can write it: every hash right, every event chained to the one before, the end said anew."""
    previous, parts = GENESIS, []
    for text in texts:
        head, _, rest = text.partition(b"ce_previoushash=")
        text = b"%bce_previoushash=%b%b" % (head, previous.encode(), rest[64:])
        previous = hashlib.sha256(text).hexdigest()
        parts.append(b"%b %d\n%b\n" % (previous.encode(), len(text), text))
    path.write_bytes(b"".join(parts))
    content = json.loads((path.parent / "export.json").read_text())
    content["heads"][path.stem] = [len(texts), previous]
    (path.parent / "export.json").write_text(json.dumps(content))


def _files(home: Path) -> list[str]:
    return sorted(path.name for path in home.iterdir())


def _faults(home: Path, signed: dict[int, dict[int, str]] | None = None) -> list[tuple[int, int, str]]:
    return [(f.shard, f.position, f.what) for f in offline.verify_export(home, signed=signed).faults]


async def test_what_was_exported_holds_and_every_hash_is_the_logs(home: Path) -> None:
    walked = offline.verify_export(home)
    assert walked.faults == [] and sum(walked.positions.values()) == 31
    store = await _log()
    for shard in range(SHARDS):
        lines = [line.split(b" ")[0].decode() for line in (home / f"{shard}.log").read_bytes().split(b"\n")]
        hashes = [event.hash for commit in await store.read_shard(shard, 0, 99) for event in commit.events]
        assert hashes == [line for line in lines if len(line) == 64]


def test_it_runs_by_itself_without_the_platform(home: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.py"
    alone.write_bytes(Path(offline.__file__).read_bytes())
    done = subprocess.run([sys.executable, "-I", "-S", str(alone), str(tmp_path)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "review: 31 positions, 0 faults\n")
    (home / "1.log").write_bytes((home / "1.log").read_bytes().replace(b"k0", b"k9", 1))
    done = subprocess.run([sys.executable, "-I", "-S", str(alone), str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 1 and "1 faults" in done.stdout


def _replaced(n: int, old: bytes, new: bytes) -> Change:
    return lambda texts: [t.replace(old, new, 1) if i == n else t for i, t in enumerate(texts)]


@pytest.mark.parametrize(
    ("change", "position", "words"),
    [
        (lambda t: [*t[:3], *t[4:]], 4, "expected position 4"),
        (lambda t: [t[1], t[0], *t[2:]], 1, "expected position 1"),
        (lambda t: t[:-1], 27, "the last commit is not whole"),
        (_replaced(2, b"ce_envelope=1", b"ce_envelope=2"), 3, "headers"),
        (_replaced(2, b"content-type=application/json\n", b""), 3, "headers"),
        (_replaced(2, b"ce_partitionkey=k", b"ce_partitionkey=x"), 3, "headers"),
        (_replaced(0, b"ce_streamversion=00000000000000000001", b"ce_streamversion=00000000000000000002"), 1, "version 1"),
        (_replaced(2, b"ce_clock=0", b"ce_clock=1"), 3, "differ in what they share"),
        (_replaced(2, b".2\n", b".3\n"), 3, "differ in what they share"),
        (_replaced(3, b".1\n", b".2\n"), 4, "does not begin with its first"),
        (_replaced(3, b"ce_time=2024", b"ce_time=2023"), 4, "runs backwards"),
        (_replaced(3, b"ce_clock=01", b"ce_clock=00"), 4, "runs backwards"),
        (_replaced(0, b"ce_shard=1", b"ce_shard=0"), 1, "does not belong"),
        (lambda t: [t[0].replace(b"k0", ELSEWHERE.encode()), *t[1:]], 1, "does not belong"),
        (lambda t: [t[0].replace(b"k0", ELSEWHERE.encode()).replace(b"shard=1", b"shard=0"), *t[1:]], 1, "belong"),
    ],
)  # fmt: skip
def test_a_log_written_anew_with_right_hashes_is_named(home: Path, change: Change, position: int, words: str) -> None:
    _put(home / "1.log", change(_texts(home / "1.log")))
    found = _faults(home)
    assert [(shard, at) for shard, at, _ in found] == [(1, position)] and words in found[0][2]


def test_an_untouched_log_that_is_put_anew_holds(home: Path) -> None:
    """What the cases above change is what they say, not the way they write it."""
    _put(home / "1.log", _texts(home / "1.log"))
    assert _faults(home) == []


@pytest.mark.parametrize("at", [0, 70, 400, -20])
def test_a_changed_byte_is_named(home: Path, at: int) -> None:
    data = bytearray((home / "1.log").read_bytes())
    data[at] ^= 1
    (home / "1.log").write_bytes(bytes(data))
    assert [shard for shard, _, _ in _faults(home)] == [1]


def test_one_event_changed_with_its_own_hash_breaks_the_chain(home: Path) -> None:
    texts = [t.replace(b"review.X", b"review.Y") if n == 6 else t for n, t in enumerate(_texts(home / "1.log"))]
    hashes = [hashlib.sha256(text).hexdigest().encode() for text in texts]
    parts = [b"%b %d\n%b\n" % (hash_, len(text), text) for hash_, text in zip(hashes, texts, strict=True)]
    (home / "1.log").write_bytes(b"".join(parts))
    assert _faults(home) == [(1, 8, "the chain breaks: the previous hash is not the hash before")]


def test_a_cut_or_missing_file_is_named(home: Path) -> None:
    whole, texts = (home / "1.log").read_bytes(), _texts(home / "1.log")
    (home / "1.log").write_bytes(whole[:-30])
    assert _faults(home) == [(1, 27, "the file ends in the middle of an event")]
    said = (home / "export.json").read_text()
    _put(home / "1.log", texts[:-2])
    (home / "export.json").write_text(said)
    ((shard, position, words),) = _faults(home)
    assert (shard, position) == (1, 26) and "the file ends here" in words
    (home / "0.log").unlink()
    assert (0, 1, "its file is missing") in _faults(home)


def test_what_was_signed_must_be_there(home: Path) -> None:
    texts = _texts(home / "1.log")
    signed = {1: {9: hashlib.sha256(texts[8]).hexdigest(), 27: hashlib.sha256(texts[26]).hexdigest()}}
    assert _faults(home, signed) == []
    _put(home / "1.log", texts[:-2])
    assert _faults(home) == [] and [p for _, p, w in _faults(home, signed) if "tail was cut" in w] == [26]
    changed = [t.replace(b"review.X", b"review.Y") if n == 6 else t for n, t in enumerate(texts)]
    _put(home / "1.log", changed)
    assert _faults(home) == [] and [p for _, p, w in _faults(home, signed) if "rewritten" in w] == [9]


async def test_an_export_that_breaks_off_has_no_end(home: Path) -> None:
    class Away(MemoryCommits):
        async def read_shard(self, shard: int, after: int, limit: int) -> list[Commit]:
            raise OSError("away")

    with pytest.raises(OSError):
        await write_export(home.parent, "review", Away(SHARDS), "2024-09-02T01:30:00.000Z")
    assert offline.services_in(home.parent) == []
    assert _files(home) == ["0.log", "1.log"]


def test_what_is_no_export_is_said(tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text('{"format": "x"}')
    with pytest.raises(ValueError, match="no export of this kind"):
        offline.verify_export(tmp_path)
