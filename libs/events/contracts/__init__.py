"""The published language of the five services; importing this package registers every event."""

from libs.events.contracts import applications, assessment, identity, notifications, platform, review
from libs.events.contracts.base import contracts
from libs.events.contracts.upcasts import check_chain

__all__ = ["applications", "assessment", "identity", "notifications", "platform", "review"]

check_chain(contracts())
