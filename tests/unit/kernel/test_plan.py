"""The record table of architecture §3.3, row by row, for one cursor."""

from hypothesis import given
from hypothesis import strategies as st

from libs.events.envelope import GENESIS, records_of
from libs.events.flow.cursors import Cursor, plan
from libs.events.flow.wire import Arrived, Foreign, RawRecord, verify
from libs.events.store.ports import Checkpoint
from tests.contract.test_store import commit as make_commit

SIZES = (1, 3, 2, 1, 4)


def shard() -> list[list[Arrived]]:
    """Five commits of one shard, chained, as they arrive."""
    from msgspec.structs import replace

    from libs.events.envelope import chained

    commits, previous, position, offset = [], GENESIS, 1, 0
    for n, size in enumerate(SIZES):
        built = chained(replace(make_commit(n, position, events=size), previous_hash=previous))
        arrived = []
        for record in records_of(built):
            found = verify(RawRecord.of("t", 0, offset, record.key, record.value, tuple(record.headers)))
            assert isinstance(found, Arrived)
            arrived.append(found)
            offset += 1
        commits.append(arrived)
        previous, position = built.hash, position + size
    return commits


COMMITS = shard()
ALL = [record for commit in COMMITS for record in commit]


def cursor(commits: int) -> Cursor:
    if commits == 0:
        return Cursor(None, Checkpoint())
    last = COMMITS[commits - 1][-1]
    return Cursor(None, Checkpoint(last.position, last.hash, last.raw.offset + 1))


def test_whole_commits_are_taken_in_order() -> None:
    found = plan(cursor(0), ALL)
    assert found.commits == COMMITS and found.trouble is None


def test_a_commit_cut_in_the_middle_waits() -> None:
    found = plan(cursor(0), ALL[:3])
    assert found.commits == COMMITS[:1] and found.trouble is None


def test_what_was_seen_is_skipped() -> None:
    found = plan(cursor(2), ALL)
    assert found.commits == COMMITS[2:]


def test_repetitions_change_nothing() -> None:
    found = plan(cursor(0), [*COMMITS[0], *COMMITS[1], *COMMITS[0], *COMMITS[1], *COMMITS[2]])
    assert found.commits == COMMITS[:3] and found.trouble is None


def test_a_gap_applies_nothing_beyond_it() -> None:
    found = plan(cursor(0), [*COMMITS[0], *COMMITS[2]])
    assert found.commits == COMMITS[:1] and found.trouble == "gap"


def test_another_hash_at_the_checkpoint_is_a_fork() -> None:
    at = cursor(1)
    at.at = Checkpoint(at.at.position, "f" * 64, at.at.offset)
    assert plan(at, ALL).trouble == "fork"


def test_a_next_record_that_does_not_follow_is_a_fork() -> None:
    at = cursor(1)
    at.at = Checkpoint(at.at.position, "f" * 64, at.at.offset)
    assert plan(at, COMMITS[1]).trouble == "fork"


@given(st.lists(st.integers(min_value=0, max_value=len(SIZES)), max_size=8))
def test_any_interleaving_of_relays_gives_the_same_shard(restarts: list[int]) -> None:
    """Relays that die and start again from any earlier commit repeat records and never change what is taken."""
    sent: list[Arrived] = []
    reached = 0
    for start in [*restarts, 0]:
        begin = min(start, reached)
        sent += [record for commit in COMMITS[begin:] for record in commit]
        reached = len(COMMITS)
    taken = plan(cursor(0), sent)
    assert taken.commits[: len(COMMITS)] == COMMITS and taken.trouble is None


def _raw(**changes: object) -> RawRecord:
    raw = ALL[0].raw
    headers = dict(raw.headers)
    headers.update({k: v for k, v in changes.items() if k != "value"})  # type: ignore[arg-type]
    return RawRecord.of("t", 0, 0, raw.key, changes.get("value", raw.value), tuple(headers.items()))  # type: ignore[arg-type]


def test_strangers_are_foreign_and_never_raise() -> None:
    strange = [
        RawRecord.of("t", 0, 0, None, None, ()),
        RawRecord.of("t", 0, 0, b"k", b"{", (("ce_id", b"\xff\xfe"),)),
        _raw(ce_hash=None),
        _raw(ce_hash=b"0" * 64),
        _raw(ce_sequence=b"x"),
        _raw(value=b'{"changed":1}'),
        _raw(ce_actor="é".encode()),
        RawRecord.of("t", 1, 0, ALL[0].raw.key, ALL[0].raw.value, ALL[0].raw.headers),
        RawRecord.of("t", 0, 0, ALL[0].raw.key, ALL[0].raw.value, ALL[0].raw.headers[:-3]),
        RawRecord.of("t", 0, 0, ALL[0].raw.key, ALL[0].raw.value, ALL[0].raw.headers * 2),
    ]
    assert all(isinstance(verify(raw), Foreign) for raw in strange)


@given(
    st.binary(max_size=50), st.lists(st.tuples(st.text(max_size=20), st.none() | st.binary(max_size=20)), max_size=5)
)
def test_no_record_makes_the_reader_raise(value: bytes, headers: list[tuple[str, bytes | None]]) -> None:
    assert isinstance(verify(RawRecord.of("t", 0, 0, None, value, tuple(headers))), Foreign)
