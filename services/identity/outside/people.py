"""Whom a verified token is about, as far as we need to know: a blind index, and the enterprise they stand for."""

from collections.abc import Mapping
from typing import Any

import msgspec

from libs.events.web.desk import Desk
from services.identity.domain.accounts import creditcode
from services.identity.outside.configured import OidcProvider
from services.identity.outside.tokens import not_proven

LONGEST_NAME = 200


class Person(msgspec.Struct, frozen=True):
    """`credit_code` is in normal form with a right check digit, or empty; `vouched`: the provider answers for it."""

    provider: str
    identity: str
    credit_code: str
    name: str
    vouched: bool


def person_of(desk: Desk, name: str, provider: OidcProvider, claims: Mapping[str, Any]) -> Person:
    """The subject itself is kept nowhere. Raises IdentityNotProven when there is none."""
    subject = claims.get(provider.subject_claim)
    if not isinstance(subject, str) or not subject:
        raise not_proven(provider.subject_claim)
    code = creditcode.normalise(_text(claims, provider.credit_code_claim))
    code = code if code and not creditcode.problems(code) else ""
    true = not provider.verified_claim or claims.get(provider.verified_claim) is True
    identity = desk.blind("outside", f"{provider.issuer}\n{subject}")
    stated = _text(claims, provider.enterprise_name_claim)[:LONGEST_NAME]
    return Person(name, identity, code, stated, bool(code) and provider.links_by_credit_code and true)


def _text(claims: Mapping[str, Any], name: str) -> str:
    found = claims.get(name) if name else None
    return found.strip() if isinstance(found, str) else ""
