"""What identity's tests share: times, sealed values, the rules in force and a `given` per aggregate."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from libs.events.contracts.actors import Actor, Office
from libs.events.contracts.base import Personal
from libs.events.decider import Policies
from libs.events.policies import load_policies
from libs.events.testing.scenario import scenario
from services.identity.domain.accounts.decide import decider as accounts
from services.identity.domain.businessclock.decide import decider as clock
from services.identity.domain.keys.decide import decider as keys
from services.identity.domain.officials.decide import decider as officials
from services.identity.domain.reservations.decide import decider as reservations
from services.identity.domain.rules import account_rules, pins

NOW = datetime(2024, 5, 6, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
POLICIES = load_policies(Path(__file__).parents[3] / "services/identity/policy")
RULES = account_rules(Policies(POLICIES, NOW))
PINNED = pins(Policies(POLICIES, NOW))
HELD_FOR = timedelta(minutes=RULES["reservation_minutes"])

ACCOUNT, OTHER = "a" * 32, "b" * 32
LOGIN, PHONE = "1" * 32, "2" * 32
COMPANY = "914403001922038216"
PUBLIC = Actor("public", "0" * 32)
MYSELF = Actor("account", ACCOUNT)
SYSTEM = Actor("service", "identity")
COUNTY = Office("320000", "county", "320102", "reviewer")
CITY = Office("320000", "city", "320100", "window_manager")

given_account = scenario(accounts, POLICIES)
given_official = scenario(officials, POLICIES)
given_reservation = scenario(reservations, POLICIES)
given_keys = scenario(keys, POLICIES)
given_clock = scenario(clock, POLICIES)


def sealed(label: str, subject: str = "s" * 32) -> Personal[str]:
    return Personal(1, subject, "k1", label, "bm9uY2U=", "c2VhbGVk")
