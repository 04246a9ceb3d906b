"""What a list's events make due: the next portion at once, the end of the notice when its last day is over."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from libs.events.contracts.base import Event
from libs.events.contracts.review import ListProgressed, ListPublicityEnded, ListPublicityRecounted, ListPublished
from libs.events.contracts.times import day_start

NOTICE_OVER = "notice-over"


def due(event: Event) -> Mapping[str, datetime | None]:
    match event:
        case ListProgressed():
            worked = f"{event.doing}-{event.done - len(event.cases)}"
            return {worked: None} | ({event.next: event.received_at} if event.next else {})
        case ListPublished() | ListPublicityRecounted():
            return {NOTICE_OVER: day_start(event.ends + timedelta(days=1))}
        case ListPublicityEnded():
            return {NOTICE_OVER: None}
        case _:
            return {}
