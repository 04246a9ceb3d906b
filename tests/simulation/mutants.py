"""The kernel with a planted bug, within a block: a method or function whose source was changed at one place."""

import inspect
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from textwrap import dedent, indent
from typing import Any

import msgspec

from libs.events import batch, handling
from libs.events.flow import consumers, relay, runner


class Change(msgspec.Struct, frozen=True):
    """In `owner.name` (a class's method, or a module's function) the text `old`, found exactly once, becomes `new`."""

    owner: Any
    name: str
    old: str
    new: str


class Mutant(msgspec.Struct, frozen=True):
    name: str
    changes: Sequence[Change]


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """The kernel as this mutant has it."""
    with ExitStack() as stack:
        for change in mutant.changes:
            stack.enter_context(_changed(change))
        yield


@contextmanager
def _changed(change: Change) -> Iterator[None]:
    before = getattr(change.owner, change.name)
    source = getattr(before, "__mutated__", None) or dedent(inspect.getsource(before))
    old = indent(dedent(change.old).strip("\n"), _margin(source, change.old))
    new = indent(dedent(change.new).strip("\n"), _margin(source, change.old))
    if source.count(old) != 1:
        raise LookupError(f"{change.owner.__name__}.{change.name} holds {source.count(old)} times: {change.old}")
    changed = source.replace(old, new)
    names = dict(vars(inspect.getmodule(before)))
    exec(changed, names)
    names[change.name].__mutated__ = changed
    setattr(change.owner, change.name, names[change.name])
    try:
        yield
    finally:
        setattr(change.owner, change.name, before)


def _margin(source: str, old: str) -> str:
    """How far the first line of `old` is indented in the source."""
    first = dedent(old).strip("\n").split("\n")[0]
    for line in source.split("\n"):
        if line.strip().startswith(first.strip()) and "\n" in old:
            return line[: len(line) - len(line.lstrip())]
    return ""


WRITER, BATCH = handling.ShardWriter, batch.Batch
SAVE = "await self.state.transact(writes, [move for _, move in moves])"

MUTANTS = (
    Mutant("number handed out early", (
        Change(WRITER, "_insert", """
            commits = self._build(head, decisions)
        """, """
            commits = self._build(head, decisions)
            last = commits[-1]
            self._head = Head(last.last_position, last.hash, int(last.clock, 16), last.recorded_at)
        """),
        Change(WRITER, "_settle_unknown", "self._head = None", "pass"),
    )),
    Mutant("checkpoint before effect", (
        Change(runner.Subscription, "_save", SAVE, f"await self.state.transact([], [move for _, move in moves]); "
            f"{SAVE.replace('[move for _, move in moves]', '[]')}"),
    )),
    Mutant("window sent record by record", (
        Change(relay.Relay, "_copy", """
            told = await (await sending.send_batch(batch, self.topic, partition=shard))
        """, """
            told = None
            for record in [record for commit in window for record in records_of(commit)]:
                one = sending.create_batch()
                one.append(key=record.key, value=record.value, timestamp=None, headers=record.headers)
                answer = await (await sending.send_batch(one, self.topic, partition=shard))
                told = told or answer
        """),
    )),
    Mutant("checkpoint in the middle of a commit", (
        Change(runner, "plan", "if record.number == record.size:", "if True:"),
    )),
    Mutant("compare-and-set dropped", (
        Change(runner.Subscription, "_save", "[move for _, move in moves]", """[
            Move(m.consumer, m.topic, m.shard, (await self.state.checkpoints(m.consumer, m.topic)).get(m.shard), m.after)
            for _, m in moves]"""),
    )),
    Mutant("reaction id random", (
        Change(consumers.ReactionsConsumer, "_commands", "id=reaction_id(event.id, reaction.name, stream)",
            "id=f'{asyncio.get_running_loop().process.world.random.getrandbits(128):032x}'"),
    )),
    Mutant("refusal answered from the cache", (
        Change(BATCH, "decide_on_what_is_known", """
            except Unavailable:
                raise
        """, """
            except Refused as refused:
                fail(order, refused)
                return
            except Unavailable:
                raise
        """),
    )),
    Mutant("an empty decision answered from the cache", (
        Change(BATCH, "decide_on_what_is_known", "self.doubtful.append(order)",
            "succeed(order, Decided(None, order.stream, known.version))"),
    )),
    Mutant("what is known is taken for what is", (
        Change(handling.Handler, "newer", "await self.store.read_stream(self.shard(stream), stream, known.version if known else 0)",
            "[] if known else await self.store.read_stream(self.shard(stream), stream, 0)"),
    )),
    Mutant("first result not looked up", (
        Change(WRITER, "_look_up", "return finding.result()", "return {}"),
        Change(BATCH, "decide", "self._read[order.stream].get(order.command.id)", "None"),
    )),
    Mutant("a command meets its own effect", (
        Change(BATCH, "decide", "self._read[order.stream].get(order.command.id)", "None"),
    )),
    Mutant("relay's place before the send", (
        Change(relay.Relay, "_copy", """
            sending = await self._ready_producer()
        """, """
            self._places[shard] = Place(commits[-1].last_position, None)
            sending = await self._ready_producer()
        """),
    )),
    Mutant("a parked key is not waited for", (
        Change(consumers.ProjectionConsumer, "_take", "behind = self.lot.behind(one.arrived, one.key)", "behind = None"),
    )),
    Mutant("a later number keeps its old chain", (
        Change(WRITER, "_build", "head = Head(commit.last_position, commit.hash,",
            "head = Head(commit.last_position, head.hash,"),
    )),
)  # fmt: skip
