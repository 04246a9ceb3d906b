"""What somebody is told about their own standing: verified or not, and the ways to what they cannot do yet."""

from typing import Any

import msgspec

from libs.events.contracts.times import time_text
from libs.events.decider import Policies
from services.identity import persons
from services.identity.domain.accounts.state import AccountState
from services.identity.domain.officials.state import Appointment
from services.identity.realname import explained, texts


def account_standing(account: AccountState, policies: Policies) -> dict[str, Any]:
    """A natural person learns both ways to a declaration, an unverified legal person the one way."""
    return {
        "kind": account.stands_as,
        "account_kind": account.kind,
        "id": account.account,
        "enterprise": account.enterprise or None,
        "enterprise_name": account.name or None,
        "credit_code": account.credit_code or None,
        "real_name": account.real_name,
        "verified": account.verified,
        "may_declare": account.verified,
        "phone_confirmed": account.phone_confirmed,
        "phone_notice": None if account.phone_confirmed else texts(policies)["phone_unconfirmed"],
        "check": account.check or None,
        "notice": _notice(account, policies),
        "refused": explained(account.reasons, policies),
        "person_verified": account.person is not None,
        "person_check": account.person_check or None,
        "person_refused": persons.explained(account.person_reasons, policies),
    }


def _notice(account: AccountState, policies: Policies) -> dict[str, Any] | None:
    if account.verified:
        return None
    notice: dict[str, Any] = texts(policies)["natural_persons" if account.kind == "natural" else "unverified"]
    return notice


def office_content(appointment: Appointment) -> dict[str, Any]:
    return {
        "appointment": appointment.id,
        "office": msgspec.to_builtins(appointment.office),
        "document": appointment.document,
        "since": time_text(appointment.since),
        "valid_to": time_text(appointment.valid_to) if appointment.valid_to else None,
        "ended": appointment.ended or None,
        "suspended": appointment.suspended or None,
        "represents": appointment.represents or None,
    }
