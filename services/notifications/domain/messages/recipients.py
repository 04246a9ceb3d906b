"""Whom a message is for: an enterprise, or the reviewers of a level; and the box it lies in."""

from libs.events.contracts.actors import NATION, Level, Office
from libs.events.contracts.notifications import Recipient
from libs.events.ids import make_id

REVIEWER = "reviewer"


def to_enterprise(enterprise: str) -> Recipient:
    return Recipient(enterprise=enterprise)


def to_reviewers(authority: str, level: Level, region: str) -> Recipient:
    """The reviewers who sit over `region` (a county or zone) at a level; of a province the authority's own."""
    seat = {"county": region, "city": region[:4] + "00", "province": authority}.get(level, NATION)
    return Recipient(office=Office(authority, level, seat, REVIEWER))


def partition_of(recipient: Recipient) -> str:
    """The enterprise, or the office's authority."""
    if recipient.office is not None:
        return recipient.office.authority
    assert recipient.enterprise is not None
    return recipient.enterprise


def box_of(recipient: Recipient) -> str:
    """One box per enterprise and per office."""
    return office_box(recipient.office) if recipient.office is not None else partition_of(recipient)


def office_box(office: Office) -> str:
    return f"{office.authority}.{office.level}.{office.region}.{office.role}"


def message_id(cause: str, recipient: Recipient) -> str:
    """One message per event and recipient."""
    return make_id("message", cause, box_of(recipient))
