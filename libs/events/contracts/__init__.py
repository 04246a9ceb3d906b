"""The published language of the five services; importing this package registers every event."""

from libs.events.contracts import applications, assessment, identity, notifications, platform, review

__all__ = ["applications", "assessment", "identity", "notifications", "platform", "review"]
