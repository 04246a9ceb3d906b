"""When a consumer must stop, against the two limits told with a plain list of all that came."""

from hypothesis import given
from hypothesis import strategies as st

from libs.events.flow import parking
from libs.events.flow.parking import Marks, ParkingLot
from libs.events.store.memory import MemoryState

Came = list[tuple[bool, int]]
"""Whether each event failed, and its key."""
runs = st.lists(st.tuples(st.booleans(), st.integers(1, 60), st.integers(0, 30)), max_size=40)


def told(marks: Marks, came: Came) -> Marks:
    for failed, key in came:
        if failed:
            marks.fail(f"k{key}")
        else:
            marks.fine()
    return marks


def row_of(came: Came) -> set[int]:
    """The different keys that failed since the last event that did not."""
    row: set[int] = set()
    for failed, key in came:
        row = row | {key} if failed else set()
    return row


@given(runs)
def test_the_row_and_the_share_are_those_of_the_last_events(several: list[tuple[bool, int, int]]) -> None:
    came = [(failed, key + n % 3) for failed, times, key in several for n in range(times)]
    before, watched = parking.WATCHED, 100
    parking.WATCHED = watched
    try:
        marks = told(Marks(), came)
        assert {int(key[1:]) for key in marks.row} == row_of(came)
        of_the_last = sum(failed for failed, _ in came[-watched:]) if len(came) >= watched else 0
        assert marks.of_the_last() == of_the_last
    finally:
        parking.WATCHED = before


def test_one_in_twenty_of_the_last_thousand_is_borne_and_one_more_is_not() -> None:
    lot = ParkingLot("someone", MemoryState())
    share = [(n % 20 == 0, n) for n in range(1_000)]
    lot.unmark(told(Marks(), share))
    assert lot.too_much is None
    lot.unmark(told(lot.marks(), [(False, 0)] * 999))
    assert lot.too_much is None and lot.marks().of_the_last() == 0
    lot.unmark(told(Marks(), [*share[1:], (True, 1), (True, 2)]))
    assert lot.too_much == "more than 5% of the last 1000 events could not be applied"


def test_a_copy_goes_its_own_way() -> None:
    marks = told(Marks(), [(True, 1)])
    copied = marks.copy()
    told(marks, [(True, 2)])
    assert (copied.row, copied.came, copied.failed) == (["k1"], 1, [1])
