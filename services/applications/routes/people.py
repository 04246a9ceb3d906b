"""Persons at the edge: their fields looked at before they are sealed, and opened again where that is allowed."""

from collections.abc import Callable, Mapping
from typing import Any

from libs.events.contracts.base import Personal
from libs.events.web.desk import Desk
from services.applications.domain.checks import (
    email_fault,
    mobile_fault,
    phone_fault,
    read_email,
    read_mobile,
    read_phone,
    text_fault,
)
from services.applications.persons import subject_of

SHAPES: Mapping[str, Callable[[str], str | None]] = {
    "legal_representative": text_fault,
    "contact": text_fault,
    "contact_mobile": mobile_fault,
    "email": email_fault,
    "legal_representative_phone": phone_fault,
    "legal_representative_mobile": mobile_fault,
    "contact_phone": phone_fault,
}
AS_MEANT: Mapping[str, Callable[[str], str]] = {
    "contact_mobile": read_mobile,
    "email": read_email,
    "legal_representative_phone": read_phone,
    "legal_representative_mobile": read_mobile,
    "contact_phone": read_phone,
}
"""How what was typed is written before it is sealed; the rest stays as typed."""


def person_faults(given: Mapping[str, str | None]) -> dict[str, str]:
    """Field → what is wrong; fields that are not given are not judged."""
    found = {name: SHAPES[name](text) for name, text in given.items() if text and name in SHAPES}
    return {name: fault for name, fault in found.items() if fault is not None}


async def sealed_persons(
    desk: Desk, enterprise: str, given: Mapping[str, str | None], before: Mapping[str, Personal[str] | None]
) -> dict[str, Personal[str] | None]:
    """Each given value sealed for its person; what is not given, or is as before, stays the same sealed value."""
    sealed: dict[str, Personal[str] | None] = {}
    for name in SHAPES:
        text, old = given.get(name), before.get(name)
        if text is None:
            sealed[name] = old
        elif not text:
            sealed[name] = None
        else:
            subject = subject_of(desk, enterprise, name, given, before)
            meant = AS_MEANT[name](text) if name in AS_MEANT else text
            sealed[name] = await _sealed(desk, subject, name, meant, old)
    return sealed


async def _sealed(desk: Desk, subject: str, name: str, text: str, old: Personal[str] | None) -> Personal[str]:
    if old is not None and old.subject == subject and await desk.runtime.sealer.open(old) == text:
        return old
    return await desk.seal(subject, name, text)


async def opened(desk: Desk, values: Mapping[str, Any], why: str) -> dict[str, str]:
    """Sealed values as the field policy shows them to whoever asks; every reading is noted."""
    return {name: await desk.show(value, why) for name, value in values.items() if isinstance(value, Personal)}
