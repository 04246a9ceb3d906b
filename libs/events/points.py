"""Crash points: every step between two durable effects has a name, at which a test may stop, fail or kill a process.

`reach` costs one comparison unless something is armed, and nothing can be armed in the production profile.
"""

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

Watch = Callable[[str], None]


class Point(msgspec.Struct, frozen=True):
    """A place between two durable effects: what has been done, what has not, and why a death there is harmless."""

    done: str
    not_yet: str
    harmless: str


POINTS: dict[str, Point] = {
    "append.decided": Point("nothing", "the commit is inserted", "the caller repeats; nothing was written"),
    "append.inserted": Point("the commit is in the log", "the caller is answered", "a repeat gets the first result"),
    "key.made": Point("a person's key is stored", "the event that needs it", "the next value of the person takes it"),
    "blob.stored": Point("a file's content is stored", "the draft or event that names it", "put again under its hash"),
    "publish.piece": Point("a part of a policy is in the log", "the next part", "the start publishes what is missing"),
    "publish.whole": Point("a policy is in the log", "the next policy", "the start publishes what is missing"),
    "restore.inserted": Point("some missing commits", "the next ones", "a restore goes on from the head"),
    "relay.read": Point("nothing", "the window is sent", "the next relay reads it again"),
    "relay.sent": Point("the window is in the topic", "the relay's checkpoint", "sent again, dropped by readers"),
    "relay.moved": Point("the relay's checkpoint", "the next window", "it goes on there"),
    "republish.moved": Point("a shard's relay is moved back", "the next shard's", "run again, it finds what is there"),
    "heads.signed": Point("a line of signed heads", "the next line", "the next one follows the hash of this one"),
    "backup.written": Point("a backup is whole under its name", "nothing", "the one before it stands until then"),
    "restore.document": Point("a document of a backup", "the next one", "restored again, what is there stays"),
    "restore.placed": Point(
        "a relay's place is known again", "the next shard's", "a place not known: sent again, dropped"
    ),
    "runner.fetched": Point("nothing", "anything of this fetch", "it is fetched again from the checkpoint"),
    "runner.reacted": Point("the reaction's commit", "the checkpoint", "its id is derived: it finds itself taken"),
    "runner.folded": Point(
        "all commits of the fetch's reactions", "the transaction", "folded again from the checkpoint"
    ),
    "runner.saved": Point("documents and checkpoints", "Kafka's offset", "seen: skipped by position"),
    "runner.flushed": Point("checkpoints that moved lazily", "Kafka's offset", "seen: skipped by position"),
    "runner.offset": Point("Kafka's offset", "the next fetch", "the offset is only a figure"),
    "foreign.kept": Point("a foreign record is kept aside", "the rest of the fetch", "kept under its place: once"),
    "parking.tried": Point("a parked record failed again", "the operator's request is cleared", "tried once more"),
    "parking.applied": Point("a parked record's effect", "the next record of its key", "the request goes on"),
    "parking.answered": Point("the operator's request is cleared", "nothing", "there is nothing left to do"),
    "parking.asked": Point("an operator's request", "its answer", "it stays until a process answers it"),
    "parking.taken-out": Point(
        "a parked record left, its effect is there", "the next of its key", "the request goes on"
    ),
    "parking.recorded": Point("that a parked record is given up is in the log", "it leaves", "its id finds the first"),
    "access.attested": Point("how long the access log is", "the next look", "what was said is not said again"),
    "live.begun": Point("a read model's first pointer", "its first event", "the pointer stays"),
    "live.changed": Point("a read model's pointer", "whatever comes of it", "each state says what comes next"),
    "rebuild.written": Point("a portion and how far it goes", "the next portion", "folded on from its checkpoints"),
    "rebuild.compared": Point("that the build was compared", "it is offered", "it is not compared again"),
    "rebuild.offered": Point("the build is offered", "the switch", "running processes feed it; switched by a repeat"),
    "rebuild.fed": Point("a note that a shard is fed", "the next note", "written again"),
    "rebuild.switched": Point("the switch", "the rebuild's report", "it is read; a repeat makes another build"),
    "rebuild.dropping": Point("a build is marked to go", "it is gone", "dropped by a repeat"),
    "rebuild.dropped": Point("a build's documents are gone", "its mark", "dropped by a repeat"),
    "starts.begun": Point("where a new reaction begins", "that it has begun", "the first place stays"),
    "starts.written": Point("that a reaction has begun", "its first event", "it reads from its place"),
    "clock.leased": Point("the lease of the clock", "its ticks", "the next holder takes over; ids are derived"),
    "clock.ticked": Point("a tick's commit", "the next tick", "its id is derived from the due date"),
    "store.open": Point(
        "writes inside an open transaction", "its commit", "nobody sees them; the next process ends the session"
    ),
    "shred.said": Point("SubjectErased is in the log", "the key is destroyed", "identity goes through its erasures"),
    "shred.noted": Point(
        "that a subject is erased is noted", "its key is destroyed", "a noted one's key opens nothing"
    ),
    "shred.destroyed": Point("a person's key is destroyed", "that it is, in the log", "destroyed again, said once"),
    "sessions.noted": Point("a session's id", "its first transaction", "whoever comes next ends it"),
}
"""Every point of the kernel; the check `tests/anatomy.py` holds this table against the code."""

_watch: Watch | None = None


def reach(point: str) -> None:
    """The process is at this point now."""
    if _watch is not None:
        _watch(point)


def arm(watch: Watch | None) -> None:
    """`watch` is called at every point from now on; None disarms."""
    global _watch
    _watch = watch


@contextmanager
def armed(watch: Watch) -> Iterator[None]:
    """Armed within a block: for tests."""
    before = _watch
    arm(watch)
    try:
        yield
    finally:
        arm(before)


def killer(plan: Path) -> Watch:
    """Dies by SIGKILL where the file says: {"point": name, "after": how many times it is passed first}.

    The file is read anew at every point, so it may come at any time; it is renamed to `.done` before death, so the next
    process lives.
    """
    passed: dict[str, int] = {}

    def watch(point: str) -> None:
        try:
            wanted = json.loads(plan.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            passed.clear()
            return
        if wanted["point"] != point:
            return
        passed[point] = passed.get(point, 0) + 1
        if passed[point] > wanted.get("after", 0):
            plan.rename(plan.with_suffix(".done"))
            os.kill(os.getpid(), signal.SIGKILL)

    return watch
