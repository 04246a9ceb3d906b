"""A gap heals when the missing commit comes, wherever in the topic it comes; a parked record is never overwritten."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.flow.cursors import Cursor, plan
from libs.events.flow.parking import COLLECTION, ParkingLot
from libs.events.flow.wire import Arrived
from libs.events.store.memory import MemoryState
from libs.events.store.ports import Checkpoint
from tests.unit.kernel.test_plan import ALL, COMMITS, cursor


def flat(commits: Sequence[Sequence[Arrived]]) -> list[Arrived]:
    return [record for commit in commits for record in commit]


def test_the_missing_commit_heals_a_gap_in_the_same_fetch() -> None:
    late = [*COMMITS[0], *COMMITS[2], *COMMITS[1], *COMMITS[2], *COMMITS[3]]
    found = plan(cursor(0), late)
    assert found.commits == COMMITS[:4] and found.trouble is None


def test_what_stood_beyond_a_gap_must_come_again() -> None:
    found = plan(cursor(0), [*COMMITS[0], *COMMITS[2], *COMMITS[1]])
    assert found.commits == COMMITS[:2] and found.trouble == "gap"


def test_a_record_lost_inside_a_commit_is_a_gap_and_heals() -> None:
    torn = [ALL[0], ALL[1], ALL[3], *COMMITS[2]]
    assert plan(cursor(0), torn).trouble == "gap"
    healed = plan(cursor(0), [*torn, *flat(COMMITS[1:])])
    assert healed.commits == COMMITS and healed.trouble is None


def test_nothing_after_a_fork_is_taken() -> None:
    at = Cursor(None, Checkpoint(1, "f" * 64, 1))
    found = plan(at, [*COMMITS[1], *COMMITS[0], *COMMITS[1]])
    assert found.commits == [] and found.trouble == "fork"


@given(st.lists(st.sampled_from(COMMITS), max_size=20))
def test_whatever_order_commits_come_in_the_readers_rule_decides(sent: list[list[Arrived]]) -> None:
    position, taken = 0, []
    for commit in sent:
        if commit[0].position == position + 1:
            taken.append(commit)
            position = commit[-1].position
    highest = max((commit[-1].position for commit in sent), default=0)
    found = plan(cursor(0), flat(sent))
    assert found.commits == taken
    assert found.trouble == ("gap" if highest > position else None)


@pytest.mark.parametrize("again", [False, True])
async def test_two_processes_park_their_own_shards_records_side_by_side(again: bool) -> None:
    state = MemoryState()
    one, two = ParkingLot("c", state), ParkingLot("c", state)
    await one.load()
    await two.load()
    other = ALL[1]
    await state.transact([one.park("k1", ALL[0], "bad"), two.park("k2", other, "bad")], [])
    if again:
        await state.transact([two.park("k2", other, "bad")], [])
    parked = await state.documents(COLLECTION).find({})
    assert sorted(document["event"] for document in parked) == sorted([ALL[0].id, other.id])
