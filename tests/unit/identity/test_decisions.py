"""Every command in every situation of accounts, officials, reservations, keys and business time, as the log says it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from libs.events.contracts.actors import Office
from libs.events.contracts.identity import BusinessClockMoved, ReservationMade, SigningKeyRetired
from libs.events.decider import Tick
from services.identity.domain.accounts.commands import (
    EndAccountSession,
    RevokeAccountTokens,
    account_id,
    account_stream,
    holder_of,
)
from services.identity.domain.businessclock.commands import NoteFirstFiling
from services.identity.domain.keys.commands import keys_stream
from services.identity.domain.officials import commands as official
from services.identity.domain.reservations.commands import ReleaseReservation, reservation_stream
from services.identity.domain.reservations.state import ReservationState
from tests.frozen import frozen, table
from tests.unit.identity import kit as k
from tests.unit.identity import test_accounts as an_account
from tests.unit.identity import test_business_clock as a_clock
from tests.unit.identity import test_officials as an_official
from tests.unit.identity import test_outside_identities as an_identity
from tests.unit.identity import test_reservations as a_reservation
from tests.unit.identity import test_signing_keys as a_key

ODD = "91440300192203822" + an_account.check_character("91440300192203822")
ACCOUNTS: Mapping[str, tuple[Any, ...]] = {
    "nothing": (),
    "registered": (an_account.REGISTERED,),
    "a natural person": (an_account.NATURAL,),
    "verified": (an_account.REGISTERED, an_account.VERIFIED),
    "linked": (an_account.REGISTERED, an_account.VERIFIED, an_identity.LINKED),
    "refused": (
        an_account.REGISTERED,
        an_account.RealNameRefused(k.NOW, k.ACCOUNT, "12345", ("credit-code.length",)),
    ),
}
ON_ACCOUNTS: Mapping[str, Callable[[], Any]] = {
    "register": an_account.register,
    "register without agreements": lambda: an_account.register(agreements=()),
    "register late": lambda: an_account.register(received_at=k.LATER),
    "real name": an_account.real_name,
    "real name without the promise": lambda: an_account.real_name(promised=False),
    "real name with all wrong": lambda: an_account.real_name(name=" ", document_problems=("id-number.format",)),
    "end a session": lambda: EndAccountSession("c3", k.NOW, k.MYSELF, k.ACCOUNT, "e" * 32, "signed-out"),
    "revoke tokens": lambda: RevokeAccountTokens("c4", k.NOW, k.MYSELF, k.ACCOUNT, k.LATER, "lost phone"),
    "link an outside identity": an_identity.link,
    "link by another enterprise's credit code": lambda: an_identity.link(
        method="credit-code", credit_code="91350100M000100Y43"
    ),
    "unlink an outside identity": an_identity.unlink,
}


@pytest.mark.parametrize("name", ACCOUNTS)
@pytest.mark.parametrize("held", ["held", "free", "taken"])
def test_an_account(name: str, held: str) -> None:
    state = {"held": an_account.HELD, "free": an_account.FREE, "taken": an_account.TAKEN}[held]
    commands = (an_account.register(), an_account.real_name(), an_identity.link())
    reads = dict.fromkeys((stream for command in commands for stream in command.reads), state)
    found = table(k.given_account(*ACCOUNTS[name]).with_reads(reads), ON_ACCOUNTS)
    assert found == frozen("identity-accounts", f"{name}, {held}", found)


def end(appointment: str = an_official.FIRST, at: datetime = k.NOW) -> Any:
    return official.EndAppointment(
        "c3", at, k.SYSTEM, an_official.COUNTY.authority, an_official.OFFICIAL, appointment, "x"
    )


UNTIL = k.NOW + timedelta(days=30)


def appointed(**changes: Any) -> list[Any]:
    return an_official.given_held().when(an_official.appoint(**changes)).history


OFFICIALS: Mapping[str, Callable[[], list[Any]]] = {
    "nobody": list,
    "appointed": appointed,
    "appointed until": lambda: appointed(valid_to=UNTIL),
    "in two offices": lambda: k.given_official(*appointed()).when(an_official.again()).history,
}
ON_OFFICIALS: Mapping[str, Callable[[], Any]] = {
    "appoint": an_official.appoint,
    "appoint with all wrong": lambda: an_official.appoint(
        document="", office=Office("320000", "city", "320102", "reviewer"), valid_to=k.NOW
    ),
    "appoint again": an_official.again,
    "appoint again to the same": lambda: an_official.again(office=k.COUNTY),
    "appoint again until": lambda: an_official.again(valid_to=UNTIL),
    "end the first": end,
    "end an unknown one": lambda: end("x" * 32),
    "end a session": lambda: official.EndOfficialSession(
        "c5", k.NOW, k.SYSTEM, k.COUNTY.authority, an_official.OFFICIAL, "e" * 32, "signed-out"
    ),
    "revoke tokens": lambda: official.RevokeOfficialTokens(
        "c6", k.NOW, k.SYSTEM, k.COUNTY.authority, an_official.OFFICIAL, k.LATER, "lost phone"
    ),
    "tick before": lambda: Tick("t", UNTIL - timedelta(milliseconds=1), k.SYSTEM, "official-x", "term", UNTIL),
    "tick": lambda: Tick("t", UNTIL, k.SYSTEM, "official-x", "term", UNTIL),
}


@pytest.mark.parametrize("name", OFFICIALS)
@pytest.mark.parametrize("held", ["held", "free"])
def test_an_official(name: str, held: str) -> None:
    reads = {an_official.appoint().reads[0]: an_official.HELD if held == "held" else ReservationState()}
    found = table(k.given_official(*OFFICIALS[name]()).with_reads(reads), ON_OFFICIALS, an_official.decider.due)
    assert found == frozen("identity-officials", f"{name}, {held}", found)


THEIRS = ReservationMade(k.NOW, "login", a_reservation.THEIRS, k.NOW + k.HELD_FOR)
RESERVATIONS: Mapping[str, tuple[Any, ...]] = {
    "free": (),
    "held": (a_reservation.HELD,),
    "confirmed": (a_reservation.HELD, a_reservation.CONFIRMED),
    "held by another": (THEIRS,),
    "released": (a_reservation.HELD, a_reservation.ReservationReleased(k.NOW, "login", a_reservation.MINE, "x")),
}
RUNS_OUT = a_reservation.HELD.until
ON_RESERVATIONS: Mapping[str, Callable[[], Any]] = {
    "reserve": a_reservation.reserve,
    "reserve for another": lambda: a_reservation.reserve(a_reservation.THEIRS),
    "reserve for another when it runs out": lambda: a_reservation.reserve(a_reservation.THEIRS, RUNS_OUT),
    "confirm": a_reservation.confirm,
    "confirm for another": lambda: a_reservation.confirm(a_reservation.THEIRS),
    "release": lambda: ReleaseReservation("c3", k.NOW, k.SYSTEM, "login", k.LOGIN, a_reservation.MINE, "phone taken"),
    "tick before": lambda: a_reservation.tick(RUNS_OUT - timedelta(milliseconds=1)),
    "tick": lambda: a_reservation.tick(RUNS_OUT),
}


@pytest.mark.parametrize("name", RESERVATIONS)
def test_a_reservation(name: str) -> None:
    found = table(k.given_reservation(*RESERVATIONS[name]), ON_RESERVATIONS, a_reservation.decider.due)
    assert found == frozen("identity-reservations", name, found)


KEYS: Mapping[str, tuple[Any, ...]] = {
    "none": (),
    "one": (a_key.FIRST,),
    "two": (a_key.FIRST, a_key.SECOND),
    "one retired": (a_key.FIRST, a_key.SECOND, SigningKeyRetired(k.NOW, "k1", "rotated")),
}
ON_KEYS: Mapping[str, Callable[[], Any]] = {
    "publish the first": lambda: a_key.publish("k1"),
    "publish the second": lambda: a_key.publish("k2"),
    "publish only as the first": lambda: a_key.publish("k3", only_first=True),
    "retire the first": lambda: a_key.retire("k1"),
    "retire the first when the second may sign": lambda: a_key.retire("k1", a_key.NOTICE),
    "retire the second": lambda: a_key.retire("k2", a_key.NOTICE),
}


@pytest.mark.parametrize("name", KEYS)
def test_signing_keys(name: str) -> None:
    found = table(k.given_keys(*KEYS[name]), ON_KEYS)
    assert found == frozen("identity-keys", name, found)


CLOCKS: Mapping[str, tuple[Any, ...]] = {
    "real": (),
    "moved": (BusinessClockMoved(k.NOW, 5_000, "演示"),),
    "moved and filed": (BusinessClockMoved(k.NOW, 5_000, "演示"), a_clock.FILED),
}
ON_CLOCKS: Mapping[str, Callable[[], Any]] = {
    "to where it is": lambda: a_clock.move(5_000),
    "forward": lambda: a_clock.move(5_001),
    "back": lambda: a_clock.move(4_999),
    "in production": lambda: a_clock.move(9_000, production=True),
    "a filing": lambda: NoteFirstFiling("c2", k.NOW, k.SYSTEM, "f" * 32),
}


@pytest.mark.parametrize("name", CLOCKS)
def test_business_time(name: str) -> None:
    found = table(k.given_clock(*CLOCKS[name]), ON_CLOCKS)
    assert found == frozen("identity-clock", name, found)


def test_names_of_streams_and_ids_never_change() -> None:
    """They are in the logs of years: §3.0 of the design."""
    found = {
        "account": [account_id("l", "p"), account_stream("a1"), holder_of("a1")],
        "official": [official.official_id("l"), official.official_stream("320000", "o1"), official.holder_of("o1")],
        "reservation": [reservation_stream("i1", "phone")],
        "keys": [keys_stream("local")],
        "streams": sorted({command().stream for command in (*ON_ACCOUNTS.values(), *ON_OFFICIALS.values())}),
    }
    assert found == frozen("identity-names", "names", found)
