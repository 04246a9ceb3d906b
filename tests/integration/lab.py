"""What tests of the kernel build and look at: a log without a runtime, a topic read plainly, a wire that can be cut."""

import asyncio
import json
import os
import sys
import time
import warnings
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import OKPKey

from libs.events.batch import Decided
from libs.events.clock import system_wall
from libs.events.contracts.actors import Actor
from libs.events.contracts.base import Event
from libs.events.contracts.identity import SigningKeyPublished
from libs.events.contracts.times import instant
from libs.events.decider import Command, Decider, Facts
from libs.events.envelope import HASHED_HEADERS, Commit, Record, commit_fault, records_of
from libs.events.fingerprint import Fingerprints
from libs.events.flow.relay import Relay
from libs.events.handling import Handler
from libs.events.ids import make_id
from libs.events.policies import PolicyIndex
from libs.events.store.mongo import MongoCommits, connect
from libs.events.store.mongo_state import MongoState
from libs.events.store.ports import Meta
from tests import toy
from tests.backends import SHARDS, Backends

SERVICE = "notifications"
Place = tuple[int, str, bytes]


@dataclass
class Log:
    """One service's log: commands go in, nothing runs beside."""

    backends: Backends
    prefix: str
    store: MongoCommits
    state: MongoState
    handler: Handler
    service: str

    @property
    def topic(self) -> str:
        return f"{self.prefix}{self.service}.events"

    async def post(self, id: str | int, *, key: str = "a1", name: str = "m", **more: Any) -> Decided:
        return await self.handler.handle(posted(id, key=key, name=name, **more))

    def relay(self, topic: str = "", shards: int = SHARDS, checkpoints: str = "relay") -> Relay:
        kafka = self.backends.kafka
        documents = self.state.documents(checkpoints)
        return Relay(self.service, topic or self.topic, kafka, self.store, documents, shards, 0.05)

    async def commits(self) -> list[Commit]:
        return [c for shard in range(SHARDS) for c in await self.store.read_shard(shard, 0, 10_000)]

    async def places(self) -> dict[int, list[Place]]:
        """(position, hash, body) of every event, by shard."""
        found: dict[int, list[Place]] = {}
        for commit in await self.commits():
            found.setdefault(commit.shard, []).extend(
                (commit.position + n, event.hash, event.body.encode()) for n, event in enumerate(commit.events)
            )
        return found

    async def relayed(self, relay: Relay | None = None) -> None:
        """Copy everything that is not in the topic yet."""
        chosen = relay or self.relay()
        for shard in range(SHARDS):
            while await chosen.copy_window(shard):
                pass
        if relay is None:
            await chosen._drop_producer()


def posted(id: str | int, *, key: str = "a1", name: str = "m", **more: Any) -> toy.Post:
    now = instant(system_wall())
    return toy.Post(make_id("test", f"{key}-{name}-{id}"), now, Actor("service", "test"), key=key, name=name, **more)


@asynccontextmanager
async def log_of(
    backends: Backends, prefix: str, service: str = SERVICE, decider: Decider[Any] = toy.decider, store_uri: str = ""
) -> AsyncIterator[Log]:
    client = connect(store_uri or backends.store_uri, timeout_ms=1_000)
    store = MongoCommits(client, service, prefix)
    handler = Handler(
        service, [decider], store, Meta("test", SHARDS, 1), PolicyIndex(), system_wall, Fingerprints("0:local-only")
    )
    try:
        yield Log(backends, prefix, store, MongoState(client, service, prefix), handler, service)
    finally:
        await handler.close()
        # In a thread: it says goodbye to the store, perhaps over a wire of this very loop.
        await asyncio.to_thread(client.close)


class Say(Command, frozen=True):
    """Whatever an event of another service is to be, said as that service would."""

    target: str
    events: tuple[Event, ...]

    @property
    def stream(self) -> str:
        return self.target


def saying(category: str) -> Decider[Any]:
    def decide(command: Say, state: None, facts: Facts) -> list[Event]:
        return list(command.events)

    return Decider(category, (Say,), lambda: None, lambda state, event: None, decide)


async def say(log: Log, stream: str, *events: Event) -> Decided:
    now = instant(system_wall())
    return await log.handler.handle(Say(os.urandom(16).hex(), now, Actor("service", log.service), stream, events))


class Signer:
    """A key of `identity` and the tokens signed with it."""

    def __init__(self, deployment: str = "test") -> None:
        self.key = OKPKey.generate_key("Ed25519")
        self.kid, self._deployment = self.key.thumbprint(), deployment

    @property
    def published(self) -> SigningKeyPublished:
        now = instant(system_wall())
        jwk = {name: str(value) for name, value in self.key.as_dict(private=False).items()}
        return SigningKeyPublished(now, self.kid, jwk, now)

    def claims(self, **more: Any) -> dict[str, Any]:
        """An account's, valid for a minute; None takes a claim away."""
        now = int(time.time())
        usual = {
            "iss": f"tidu-{self._deployment}", "aud": "tidu", "sub": "acc1", "sid": "sid1", "kind": "legal",
            "enterprise": "e1", "iat": now, "exp": now + 60,
        }  # fmt: skip
        return {name: value for name, value in (usual | more).items() if value is not None}

    def token(self, header: Mapping[str, Any] | None = None, **more: Any) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)
            head = {"alg": "EdDSA", "kid": self.kid, **(header or {})}
            return jwt.encode(head, self.claims(**more), self.key, algorithms=["EdDSA"])


def unsigned(claims: Mapping[str, Any], header: Mapping[str, Any], signature: str = "") -> str:
    """A token as somebody without the key would make it."""
    parts = [urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims)]
    return ".".join([*parts, signature])


async def records(backends: Backends, topic: str) -> dict[int, list[Any]]:
    """Everything that lies in a topic, by partition."""
    kafka = AIOKafkaConsumer(bootstrap_servers=backends.kafka, enable_auto_commit=False, auto_offset_reset="earliest")
    await kafka.start()
    try:
        partitions = [TopicPartition(topic, p) for p in range(SHARDS)]
        kafka.assign(partitions)
        ends = await kafka.end_offsets(partitions)
        found: dict[int, list[Any]] = {tp.partition: [] for tp in partitions}
        while any(len(found[tp.partition]) < end for tp, end in ends.items()):
            for tp, some in (await kafka.getmany(timeout_ms=500)).items():
                found[tp.partition] += some
        return found
    finally:
        await kafka.stop()


def by_the_rule(partition: Iterable[Any]) -> list[Place]:
    """Architecture §3.2, told anew: drop what is not next or does not verify; another previous hash is a fork."""
    taken: list[Place] = []
    hash_ = "0" * 64
    for record in partition:
        headers = dict(record.headers)
        if "ce_hash" not in headers:
            continue
        text = b"".join(name.encode() + b"=" + headers[name] + b"\n" for name in HASHED_HEADERS)
        if sha256(text + b"\n" + record.value).hexdigest().encode() != headers["ce_hash"]:
            continue
        if int(headers["ce_sequence"]) != len(taken) + 1:
            continue
        assert headers["ce_previoushash"].decode() == hash_, "a fork"
        hash_ = headers["ce_hash"].decode()
        taken.append((len(taken) + 1, hash_, record.value))
    return taken


async def copied(backends: Backends, topic: str) -> dict[int, list[Place]]:
    """The shards as a stranger reads them from the topic."""
    found = {shard: by_the_rule(partition) for shard, partition in (await records(backends, topic)).items()}
    return {shard: places for shard, places in found.items() if places}


async def produce(backends: Backends, topic: str, shard: int, sent: Sequence[Record | tuple[Any, Any, Any]]) -> None:
    """Put records into a topic by hand: of commits, or (key, value, headers) of whatever kind."""
    kafka = AIOKafkaProducer(bootstrap_servers=backends.kafka)
    await kafka.start()
    try:
        for record in sent:
            key, value, headers = (record.key, record.value, record.headers) if isinstance(record, Record) else record
            batch = kafka.create_batch()
            assert batch.append(key=key, value=value, timestamp=None, headers=headers) is not None
            await (await kafka.send_batch(batch, topic, partition=shard))
    finally:
        await kafka.stop()


async def produce_commits(backends: Backends, topic: str, commits: Iterable[Commit]) -> None:
    for commit in commits:
        await produce(backends, topic, commit.shard, list(records_of(commit)))


def assert_dense(commits: Sequence[Commit]) -> None:
    """Of one store: shards and streams dense, chained and unchanged."""
    at: dict[int, tuple[int, str]] = {}
    versions: dict[str, int] = {}
    for commit in commits:
        position, hash_ = at.get(commit.shard, (0, "0" * 64))
        assert (commit.position, commit.previous_hash) == (position + 1, hash_)
        assert commit.version == versions.get(commit.stream, 0) + 1
        assert commit_fault(commit) is None
        at[commit.shard], versions[commit.stream] = (commit.last_position, commit.hash), commit.last_version


class Wire:
    """A TCP way to the store that can be cut: at once, or after the next request has gone through."""

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        assert parts.hostname is not None and parts.port is not None
        self._to, self._uri = (parts.hostname, parts.port), uri
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.cut = False
        self.lose_answer_to: bytes | None = None

    async def __aenter__(self) -> "Wire":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.hang_up()

    @property
    def uri(self) -> str:
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()[:2]
        return self._uri.replace(f"{self._to[0]}:{self._to[1]}", f"{host}:{port}")

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.cut:
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection(*self._to)
        self._open |= {writer, far_writer}
        with suppress(ConnectionError):
            await asyncio.gather(self._there(reader, far_writer), self._back(far_reader, writer))
        for end in (writer, far_writer):
            end.close()
            self._open.discard(end)

    async def _there(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            if self.lose_answer_to is not None and self.lose_answer_to in data:
                self.cut, self.lose_answer_to = True, None
            writer.write(data)
            await writer.drain()
        writer.close()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            if self.cut:
                self.hang_up()
                return
            writer.write(data)
            await writer.drain()
        writer.close()

    def hang_up(self) -> None:
        for writer in self._open:
            writer.close()

    def mend(self) -> None:
        self.cut = False


@asynccontextmanager
async def process(backends: Backends, prefix: str, what: str, **more: Any) -> AsyncIterator[asyncio.subprocess.Process]:
    """`tests.integration.toy_process` as a process of its own; ended with the block."""
    given: Mapping[str, str] = {
        "TIDU_KAFKA": backends.kafka, "TIDU_STORE_URI": backends.store_uri, "TIDU_PREFIX": prefix,
        "TIDU_DEPLOYMENT": "test", "TIDU_SHARDS": str(SHARDS), "TIDU_PROFILE": "test",
    }  # fmt: skip
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.toy_process", what, json.dumps(more), env={**os.environ, **given},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield started
    finally:
        with suppress(ProcessLookupError):
            started.kill()
        await started.wait()


async def said(started: asyncio.subprocess.Process) -> Any:
    """The next line of a process, as JSON."""
    assert started.stdout is not None
    async with asyncio.timeout(30):
        line = await started.stdout.readline()
    assert line, "the process ended without a word"
    return json.loads(line)


def tell(started: asyncio.subprocess.Process) -> None:
    """Let a process that waits go on."""
    assert started.stdin is not None
    started.stdin.write(b"\n")
