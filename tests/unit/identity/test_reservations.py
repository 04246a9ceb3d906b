"""Reservations: held, renewed, confirmed, freed; never by two at once."""

from datetime import datetime, timedelta

from libs.events.contracts.identity import (
    ReservationConfirmed,
    ReservationDeclined,
    ReservationMade,
    ReservationReleased,
)
from libs.events.decider import Tick
from services.identity.domain.reservations.commands import ConfirmReservation, ReleaseReservation, ReserveValue
from services.identity.domain.reservations.decide import decider
from services.identity.domain.reservations.refusals import ValueTaken
from tests.unit.identity.kit import ACCOUNT, HELD_FOR, LATER, LOGIN, NOW, OTHER, PINNED, SYSTEM, given_reservation

MINE, THEIRS = f"account:{ACCOUNT}", f"account:{OTHER}"
HELD = ReservationMade(NOW, "login", MINE, NOW + HELD_FOR, PINNED)
CONFIRMED = ReservationConfirmed(NOW, "login", MINE)


def reserve(holder: str = MINE, at: datetime = NOW) -> ReserveValue:
    return ReserveValue("c1", at, SYSTEM, "login", LOGIN, holder)


def confirm(holder: str = MINE, at: datetime = NOW) -> ConfirmReservation:
    return ConfirmReservation("c2", at, SYSTEM, "login", LOGIN, holder)


def tick(at: datetime) -> Tick:
    return Tick("t", at, SYSTEM, reserve().stream, "release", HELD.until)


def test_a_free_value_is_held_for_a_while() -> None:
    given_reservation().when(reserve()).then(HELD)


def test_a_held_value_is_nobody_elses() -> None:
    given_reservation(HELD).when(reserve(THEIRS)).then_refused(ValueTaken)


def test_asking_again_renews_the_time() -> None:
    soon = NOW + timedelta(minutes=1)
    renewed = ReservationMade(soon, "login", MINE, soon + HELD_FOR, PINNED)
    given_reservation(HELD).when(reserve(at=soon)).then(renewed)


def test_when_the_time_has_run_out_it_is_free_even_before_the_tick() -> None:
    given_reservation(HELD).when(reserve(THEIRS, LATER)).then_types(ReservationMade)


def test_what_is_confirmed_stays_for_good() -> None:
    given_reservation(HELD, CONFIRMED).when(reserve(THEIRS, LATER)).then_refused(ValueTaken)
    given_reservation(HELD, CONFIRMED).when(reserve(at=LATER)).then_nothing()
    given_reservation(HELD, CONFIRMED).when(tick(LATER)).then_nothing()


def test_a_late_confirmation_still_holds_when_nobody_took_it() -> None:
    released = ReservationReleased(LATER, "login", MINE, "abandoned")
    given_reservation(HELD, released).when(confirm(at=LATER)).then_types(ReservationConfirmed)


def test_a_confirmation_after_somebody_else_took_it_is_declined_and_says_so() -> None:
    theirs = ReservationMade(LATER, "login", THEIRS, LATER + HELD_FOR)
    given_reservation(HELD, theirs).when(confirm(at=LATER)).then_types(ReservationDeclined)


def test_a_tick_frees_what_was_abandoned_and_only_then() -> None:
    given_reservation(HELD).when(tick(NOW)).then_nothing()
    freed = ReservationReleased(LATER, "login", MINE, "abandoned")
    given_reservation(HELD).when(tick(LATER)).then(freed)
    given_reservation(HELD, freed).when(tick(LATER)).then_nothing()


def test_only_the_holder_releases() -> None:
    release = ReleaseReservation("c3", NOW, SYSTEM, "login", LOGIN, MINE, "phone taken")
    given_reservation(HELD).when(release).then_types(ReservationReleased)
    given_reservation().when(release).then_nothing()
    theirs = ReservationMade(NOW, "login", THEIRS, NOW + HELD_FOR)
    given_reservation(theirs).when(release).then_nothing()


def test_the_tick_is_due_until_it_is_confirmed() -> None:
    assert decider.due(HELD) == {"release": HELD.until}
    assert decider.due(CONFIRMED) == {"release": None}
