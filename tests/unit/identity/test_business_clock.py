"""业务时间: moved in trials, forward only once somebody filed, never in production."""

from libs.events.contracts.identity import BusinessClockMoved, FirstFilingNoted
from services.identity.domain.businessclock.commands import MoveClock, NoteFirstFiling
from services.identity.domain.businessclock.refusals import ClockIsReal, OnlyForward
from tests.unit.identity.kit import NOW, SYSTEM, given_clock

FILED = FirstFilingNoted(NOW, "f" * 32)


def move(offset_ms: int, production: bool = False) -> MoveClock:
    return MoveClock("c1", NOW, SYSTEM, offset_ms, "演示", production)


def test_time_is_moved_both_ways_before_the_first_filing() -> None:
    outcome = given_clock().when(move(5_000)).then(BusinessClockMoved(NOW, 5_000, "演示"))
    given_clock(*outcome.history).when(move(-9_000)).then_types(BusinessClockMoved)


def test_the_same_offset_again_changes_nothing() -> None:
    given_clock().when(move(0)).then_nothing()


def test_after_the_first_filing_time_goes_only_forward() -> None:
    moved = BusinessClockMoved(NOW, 5_000, "演示")
    given_clock(moved, FILED).when(move(4_999)).then_refused(OnlyForward)
    given_clock(moved, FILED).when(move(5_001)).then_types(BusinessClockMoved)
    given_clock(moved, FILED).when(move(5_000)).then_nothing()


def test_in_production_time_is_real() -> None:
    given_clock().when(move(5_000, production=True)).then_refused(ClockIsReal)


def test_only_the_first_filing_is_noted() -> None:
    note = NoteFirstFiling("c2", NOW, SYSTEM, "f" * 32)
    given_clock().when(note).then(FILED)
    given_clock(FILED).when(note).then_nothing()
    assert note.empty_is_fine
