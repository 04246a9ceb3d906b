"""The published language of the five services; importing this package registers every event."""

from libs.events.contracts import (
    accounts,
    applications,
    assessment,
    identity,
    notifications,
    officials,
    platform,
    review,
)
from libs.events.contracts.base import contracts
from libs.events.contracts.upcasts import check_chain

__all__ = ["accounts", "applications", "assessment", "identity", "notifications", "officials", "platform", "review"]

check_chain(contracts())
