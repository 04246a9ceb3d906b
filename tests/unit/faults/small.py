"""A small true run as evidence for the checker: a few commands of the toy service, its topic, read models, ledger."""

from __future__ import annotations

from typing import Any

import msgspec

from libs.events.batch import Decided
from libs.events.clock import system_wall
from libs.events.contracts.actors import Actor
from libs.events.contracts.times import instant, time_text
from libs.events.decider import Command, Tick
from libs.events.envelope import Commit, records_of
from libs.events.errors import Refused
from libs.events.fingerprint import Fingerprints
from libs.events.handling import Handler
from libs.events.ids import command_id, reaction_id, tick_id
from libs.events.policies import PolicyIndex
from libs.events.recorded import because
from libs.events.store.memory import MemoryCommits
from libs.events.store.ports import Meta
from libs.events.web.desk import receipt_content
from tests import toy
from tests.faults.checks.events import recorded
from tests.faults.checks.models import folded
from tests.faults.evidence import Document, Evidence, Raw, model_of
from tests.faults.ledger import Ledger

SERVICE, SHARDS, USER = "notifications", 3, Actor("account", "u1")


async def evidence() -> Evidence:
    """Four streams in three shards; echoes by the reaction, a tick, and a command that was refused."""
    ledger, store = Ledger(), MemoryCommits(SHARDS, "local")
    handler = Handler(
        SERVICE, [toy.decider], store, Meta("local", SHARDS, 1), PolicyIndex(), system_wall, Fingerprints("0:x")
    )
    try:
        for n in range(12):
            title = ("t", "echo", "due")[n % 3]
            await _sent(handler, ledger, f"key-{n}", key=f"k{n % 4}", count=1 + n % 2, title=title)
        await _sent(handler, ledger, "too-much", key="k0", count=5_000)
        await _echoed(handler)
        await _ticked(handler)
    finally:
        await handler.close()
    commits = [msgspec.to_builtins(c) for shard in range(SHARDS) for c in await store.read_shard(shard, 0, 1_000)]
    return _with_state(commits, await _topic(store), ledger)


async def _sent(handler: Handler, ledger: Ledger, told: str, **more: Any) -> None:
    entry = ledger.sent(SERVICE, USER.ref, told, "POST /toy")
    post = toy.Post(command_id(SERVICE, USER.ref, more["key"], told), instant(system_wall()), USER, name="m", **more)
    try:
        commit = _commit(await handler.handle(post, canonical=told))
    except Refused as refusal:
        entry.outcome, entry.code = "refused", refusal.code
        return
    receipt = receipt_content(commit)
    entry.outcome, entry.receipt, entry.answers = "acknowledged", receipt, [dict(receipt), dict(receipt)]
    entry.place = f"{SERVICE}/{commit.shard}/{commit.last_position}"


async def _all(handler: Handler) -> list[Commit]:
    return [c for shard in range(SHARDS) for c in await handler.store.read_shard(shard, 0, 1_000)]


async def _echoed(handler: Handler) -> None:
    """What the reaction sends, as the runner would."""
    for commit in await _all(handler):
        for n in range(len(commit.events)):
            event = recorded(SERVICE, msgspec.to_builtins(commit), n)
            assert event is not None
            for command in toy.when_posted_then_echo.react(event):
                id_ = reaction_id(event.id, toy.when_posted_then_echo.name, command.stream)
                await handler.handle(msgspec.structs.replace(command, **(because(event) | {"id": id_})), cause=event)


async def _ticked(handler: Handler) -> None:
    """The first thing that is due."""
    for commit in await _all(handler):
        event = recorded(SERVICE, msgspec.to_builtins(commit), 0)
        for kind, at in toy.due(event.data).items() if event is not None else ():
            if at is not None:
                id_ = tick_id(commit.stream, kind, time_text(at))
                tick: Command = Tick(id_, at, Actor("service", SERVICE), commit.stream, kind, at)
                await handler.handle(tick)
                return


def _commit(decided: Decided) -> Commit:
    assert decided.commit is not None
    return decided.commit


async def _topic(store: MemoryCommits) -> dict[int, list[Raw]]:
    """Each shard's records, the first one sent twice."""
    found: dict[int, list[Raw]] = {}
    for shard in range(SHARDS):
        records = [record for commit in await store.read_shard(shard, 0, 1_000) for record in records_of(commit)]
        doubled = [records[0], *records]
        found[shard] = [Raw(n, r.key, r.value, tuple(r.headers)) for n, r in enumerate(doubled)]
    return found


def _with_state(commits: list[Document], topic: dict[int, list[Raw]], ledger: Ledger) -> Evidence:
    made = Evidence(
        SHARDS, "local", "pepper", {SERVICE: commits}, {SERVICE: topic}, {SERVICE: {}},
        {SERVICE: model_of(toy.service)}, ledger,
    )  # fmt: skip
    state: dict[str, dict[str, Document]] = {}
    for projection in made.models[SERVICE].projections:
        state[projection.collection] = _result(folded(made, SERVICE, projection))
    heads = {shard: found[-1] for shard, found in made.by_shard(SERVICE).items()}
    names = [p.consumer(SERVICE) for p in made.models[SERVICE].projections] + [f"{SERVICE}.reactions.{SERVICE}"]
    state["checkpoints"] = {
        f"{name}|{shard}": {
            "consumer": name, "topic": f"{SERVICE}.events", "shard": shard, "position": head["last_position"],
            "hash": head["hash"],
        }
        for name in names
        for shard, head in heads.items()
    }  # fmt: skip
    state["relay"] = {f"{SERVICE}.events|{n}": {"position": head["last_position"]} for n, head in heads.items()}
    made.state = {SERVICE: state}
    return made


def _result(generator: Any) -> Any:
    """What a generator returns; it must have nothing to say."""
    try:
        raise AssertionError(next(generator))
    except StopIteration as end:
        return end.value
