"""What can be asked of a matter."""

from libs.events.decider import Command
from libs.events.names import stream_name


def matter_stream(enterprise: str, application: str) -> str:
    return stream_name("matter", enterprise, application)


class NoteMatter(Command, frozen=True):
    """What an event says of a filing; None leaves what was known. A repetition says nothing new."""

    empty_is_fine = True

    application: str
    enterprise: str
    enterprise_name: str | None = None
    kind: str | None = None
    tier: str | None = None
    batch: str | None = None
    authority: str | None = None
    region: str | None = None
    region_names: tuple[str, ...] | None = None
    duties: tuple[str, ...] | None = None

    @property
    def stream(self) -> str:
        return matter_stream(self.enterprise, self.application)
