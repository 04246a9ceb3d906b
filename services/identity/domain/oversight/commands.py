"""What can be asked about an administrator's act."""

from typing import Literal

from libs.events.decider import Command
from libs.events.names import stream_name

Finding = Literal["in_order", "objection"]


def oversight_stream(partition_key: str, act: str) -> str:
    """Beside the act itself: the same partition key, so the same shard. `act` is an event's id."""
    return stream_name("oversight", partition_key, act)


class ReviewAct(Command, frozen=True):
    """`by` and `role` are whose act it was, as the log says."""

    partition: str
    act: str
    by: str
    role: str
    finding: Finding
    note: str

    @property
    def stream(self) -> str:
        return oversight_stream(self.partition, self.act)
