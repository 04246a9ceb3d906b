"""How far a consumer has come in a shard, and what the record table (architecture §3.3) makes of records for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from libs.events.flow.wire import Arrived
from libs.events.store.ports import Checkpoint

DOUBTFUL, LOST = "doubtful", "topic lost"
"""The topic may not be the one that was read, or is certainly not: read from its beginning until one's place is found."""
DOUBTED = (DOUBTFUL, LOST)
HEALING = ("behind", "gap", "retrying", *DOUBTED)
"""A detached reader goes on with these; other troubles stand until somebody does something."""


@dataclass
class Cursor:
    """One consumer in one shard. `at` may be ahead of `saved`: batches without effect move it lazily.

    `reacted` may be ahead of both: what came of the events so far stands in the logs, the checkpoint does not yet.
    `placed`: the topic, read from its beginning, held this place.
    """

    saved: Checkpoint | None
    at: Checkpoint
    attached: bool = True
    trouble: str | None = None
    placed: bool = False
    reacted: int = 0


@dataclass
class Plan:
    """What the record table of architecture §3.3 makes of a shard's records for one cursor."""

    commits: list[list[Arrived]] = field(default_factory=list)
    trouble: str | None = None


Carry = dict[int, list[Arrived]]


def find_place(cursor: Cursor, records: Sequence[Arrived]) -> bool:
    """Whether these records hold the event that the cursor has come to; its offset is then the one it has here."""
    for record in records:
        if record.position == cursor.at.position and record.hash == cursor.at.hash:
            cursor.at = Checkpoint(cursor.at.position, cursor.at.hash, record.raw.offset + 1)
            cursor.trouble, cursor.placed = "behind", True
            return True
    return False


def plan(cursor: Cursor, records: Sequence[Arrived]) -> Plan:
    """Whole commits that come next; skips what was seen; stops at a fork. What stands beyond a gap must come again."""
    found, position, hash_ = Plan(), cursor.at.position, cursor.at.hash
    commit: list[Arrived] = []
    highest = position
    for record in records:
        if record.position > highest:
            highest = record.position
        if record.position <= position:
            if record.position == position and record.hash != hash_:
                found.trouble = "fork"
                break
            continue
        if record.position > position + 1:
            continue
        if record.previous_hash != hash_:
            found.trouble = "fork"
            break
        position, hash_ = record.position, record.hash
        commit.append(record)
        if record.number == record.size:
            found.commits.append(commit)
            commit = []
    if found.trouble is None and highest > position:
        found.trouble = "gap"
    return found


def unfinished(records: list[Arrived]) -> list[Arrived]:
    """The records after the last whole commit: the rest of theirs comes with the next fetch."""
    for index in range(len(records) - 1, -1, -1):
        if records[index].number == records[index].size:
            return records[index + 1 :]
    return records
