"""Signed heads: what every shard of every service ended with, signed each minute into files outside the services.

A chain alone does not show a cut tail, nor a log that was written anew from some place on; these lines do. One line is
`{"head":…,"signature":"…"}`: the signature (Ed25519, hex) is over the very bytes after `{"head":` and before
`,"signature"`; `previous` in the head is the SHA-256 of the line before, with its line feed.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from libs.events.envelope import GENESIS
from libs.events.points import reach
from libs.events.store.ports import CommitStore

_MIDDLE = ',"signature":"'
Keys = Mapping[str, Ed25519PublicKey]


class Head(msgspec.Struct, frozen=True):
    """One signing. `heads`: service → shard → (last position, hash), of the shards that have moved since the line
    before; the first line of a day holds all. `key` names the key by its fingerprint."""

    number: int
    deployment: str
    at: str
    key: str
    previous: str
    generations: dict[str, int]
    heads: dict[str, dict[int, tuple[int, str]]]


class Signed(msgspec.Struct, frozen=True):
    """What a position was signed with, when, and in which line."""

    hash: str
    at: str
    number: int


Expected = dict[str, dict[int, dict[int, Signed]]]
"""Service → shard → position."""


class Checked(msgspec.Struct, frozen=True):
    """All lines that could be read, what they say of the log, and what is wrong with the lines: (line, words)."""

    lines: tuple[Head, ...]
    expected: Expected
    faults: tuple[tuple[int, str], ...]


def private_key(seed: str) -> Ed25519PrivateKey:
    """From 64 hex digits. Raises ValueError."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))


def key_id(key: Ed25519PublicKey) -> str:
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def publish_key(folder: Path, key: Ed25519PublicKey) -> Path:
    """The public key as PEM beside the lines. An auditor keeps a copy elsewhere: only that one proves anything."""
    path = folder / f"key-{key_id(key)}.pem"
    path.write_bytes(key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
    return path


def read_key(path: Path) -> Ed25519PublicKey:
    """Raises ValueError when it is no Ed25519 public key in PEM."""
    key = serialization.load_pem_public_key(path.read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError(f"{path} holds no Ed25519 key")
    return key


class Signer:
    """Appends lines to `<folder>/heads-<day>.jsonl`. What stands there already is never touched."""

    def __init__(self, folder: Path, key: Ed25519PrivateKey, deployment: str) -> None:
        self._folder, self._key, self._deployment = folder, key, deployment
        folder.mkdir(parents=True, exist_ok=True)
        publish_key(folder, key.public_key())

    async def sign(self, stores: Mapping[str, CommitStore], at: str) -> tuple[Head, list[str]]:
        """The new line, and where a log has gone back behind what was signed before (that is not signed again).

        `at` is ISO time in UTC. Raises Unavailable; then nothing was signed.
        """
        generations, heads = {}, {}
        for service, store in stores.items():
            meta = await store.meta()
            generations[service] = meta.generation
            found = {shard: await store.head(shard) for shard in range(meta.shards)}
            heads[service] = {shard: (h.position, h.hash) for shard, h in found.items() if h.position}
        with _locked(self._folder):
            return self._append(generations, heads, at)

    def _append(
        self, generations: dict[str, int], now: dict[str, dict[int, tuple[int, str]]], at: str
    ) -> tuple[Head, list[str]]:
        lines = list(read_lines(self._folder))
        before, last = _newest(lines), lines[-1] if lines else ""
        path = self._folder / f"heads-{at[:10]}.jsonl"
        whole, alarms = not path.exists(), []
        heads: dict[str, dict[int, tuple[int, str]]] = {}
        for service, shards in now.items():
            known = before.get(service, {})
            for shard in known.keys() | shards.keys():
                here, there = shards.get(shard, (0, GENESIS)), known.get(shard, (0, GENESIS))
                if here[0] < there[0] or (here[0] == there[0] and here[1] != there[1]):
                    alarms.append(
                        f"{service}, shard {shard}: position {there[0]} was signed, the log ends at {here[0]}"
                    )
                elif here != there or whole:
                    heads.setdefault(service, {})[shard] = here
        head = Head(
            len(lines) + 1, self._deployment, at, key_id(self._key.public_key()),
            _hash(last) if lines else GENESIS, generations, heads,
        )  # fmt: skip
        text = msgspec.json.encode(head).decode()
        signature = self._key.sign(text.encode()).hex()
        torn = path.exists() and not path.read_bytes().endswith(b"\n")
        with path.open("ab") as file:
            file.write(b"\n" * torn)  # a crash left a line unfinished: it stays, and is named by `check`
            file.write(f'{{"head":{text}{_MIDDLE}{signature}"}}\n'.encode())
            file.flush()
            os.fsync(file.fileno())
        reach("heads.signed")
        return head, alarms


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One signs at a time: the process of its own and whoever asks for a line now."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def read_lines(folder: Path) -> Iterator[str]:
    """Every line in order, without its line feed; also one that a crash left unfinished."""
    for path in sorted(folder.glob("heads-*.jsonl")):
        yield from path.read_text(encoding="utf-8", errors="replace").removesuffix("\n").split("\n")


def _hash(line: str) -> str:
    return hashlib.sha256(f"{line}\n".encode()).hexdigest()


def _parsed(line: str) -> tuple[Head, bytes, bytes]:
    """The head, the bytes that were signed, the signature. Raises ValueError."""
    text, middle, rest = line.removeprefix('{"head":').rpartition(_MIDDLE)
    if not middle or not line.startswith('{"head":') or not rest.endswith('"}'):
        raise ValueError("it is no line of heads")
    return msgspec.json.decode(text, type=Head), text.encode(), bytes.fromhex(rest.removesuffix('"}'))


def _newest(lines: list[str]) -> dict[str, dict[int, tuple[int, str]]]:
    found: dict[str, dict[int, tuple[int, str]]] = {}
    for line in lines:
        try:
            head, _, _ = _parsed(line)
        except ValueError:
            continue
        for service, shards in head.heads.items():
            found.setdefault(service, {}).update(shards)
    return found


def check(folder: Path, keys: Keys) -> Checked:
    """Every line against the one before it and against the keys; a line that is wrong says nothing of the log."""
    lines: list[Head] = []
    faults: list[tuple[int, str]] = []
    expected: Expected = {}
    previous, at = GENESIS, ""
    for number, line in enumerate(read_lines(folder), start=1):
        try:
            head, text, signature = _parsed(line)
        except ValueError as error:
            faults.append((number, f"cannot be read: {error}"))
            previous = _hash(line)
            continue
        wrong = _wrong(head, number, previous, at, keys, text, signature)
        if wrong is not None:
            faults.append((number, wrong))
        if not wrong or not wrong.startswith(_UNSIGNED):
            for service, shards in head.heads.items():
                for shard, (position, hash_) in shards.items():
                    expected.setdefault(service, {}).setdefault(shard, {}).setdefault(
                        position, Signed(hash_, head.at, number)
                    )
        lines.append(head)
        previous, at = _hash(line), max(at, head.at)
    return Checked(tuple(lines), expected, tuple(faults))


_UNSIGNED = "signature"


def _wrong(head: Head, number: int, previous: str, at: str, keys: Keys, text: bytes, signature: bytes) -> str | None:
    key = keys.get(head.key)
    if key is None:
        return f"{_UNSIGNED}: signed by {head.key}, which is no key of this deployment ({', '.join(keys)})"
    try:
        key.verify(signature, text)
    except InvalidSignature:
        return f"{_UNSIGNED}: it does not verify, the line was edited"
    if head.previous != previous:
        return f"it does not follow the line before: a line was removed, added or changed before {head.at}"
    if head.number != number:
        return f"it says of itself that it is line {head.number}: lines before {head.at} are missing"
    if head.at < at:
        return f"its time {head.at} is before the line before"
    return None
