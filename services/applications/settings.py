"""What `applications` needs beside the kernel's settings."""

from pydantic import Field

from libs.events.settings import KernelSettings


class Settings(KernelSettings):
    """`draft_saves_days`: how long times and hashes of saves are kept, for disputes of saved but not submitted."""

    draft_saves_days: int = Field(default=180, ge=1)
