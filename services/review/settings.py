"""Configuration of review: nothing beyond what every service needs."""

from libs.events.settings import KernelSettings


class Settings(KernelSettings):
    """Review has no settings of its own; its rules are policies."""
