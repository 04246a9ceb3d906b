"""What can be asked of the signing keys."""

from datetime import datetime

from libs.events.decider import Command
from libs.events.names import stream_name


def keys_stream(deployment: str) -> str:
    return stream_name("signingkeys", deployment)


class PublishSigningKey(Command, frozen=True):
    """`now` is wall time. With `only_first` nothing happens when the deployment already has a key: of several
    processes that start at once, one publishes."""

    deployment: str
    kid: str
    jwk: dict[str, str]
    now: datetime
    only_first: bool = False

    @property
    def stream(self) -> str:
        return keys_stream(self.deployment)


class RetireSigningKey(Command, frozen=True):
    deployment: str
    kid: str
    reason: str
    now: datetime

    @property
    def stream(self) -> str:
        return keys_stream(self.deployment)
