"""Notifications' configuration: the kernel's."""

from libs.events.settings import KernelSettings


class Settings(KernelSettings):
    """Nothing of its own yet; channels beyond the inbox will add theirs."""
