"""Configuration of assessment: nothing beyond what every service needs."""

from libs.events.settings import KernelSettings


class Settings(KernelSettings):
    """Assessment has no settings of its own; its rules are policies."""
