"""本人信息: the personal values in this service's log under the account of whoever asks and its enterprise, to be taken along.

What it is of the enterprise's people counts as the enterprise account's; what others have said about themselves in the same
streams (somebody who objected, an official) is not theirs, and the field policy keeps it out. Read from the log itself, so
what no read model shows any more is there too. Checks that were asked for without an account stand elsewhere: whoever asked
sees them with the check's number.
"""

from typing import Any

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from libs.events.codec import decode
from libs.events.contracts.base import SERVICES, Personal, personal_values
from libs.events.contracts.personal import INVENTORY
from libs.events.envelope import Commit
from libs.events.names import partition_key_of, shard_of, stream_name
from libs.events.runtime import Runtime
from libs.events.web import fields
from libs.events.web.desk import At, Desk
from libs.events.web.principals import NotSignedIn, Principal

router = APIRouter(tags=["access log"])
WHY = "本人查阅、复制"


class Held(msgspec.Struct):
    """One value under one label, however often it was recorded: `event` recorded it first; wall times, ISO 8601."""

    label: str
    title: str
    value: str
    event: str
    first: str
    last: str
    times: int = 1


@router.get("/me/data")
async def own_data(desk: At) -> Response:
    """本服务所存的本人（或本企业人员）个人信息，可下载；各服务各答各的，已删除的注明已删除."""
    if desk.principal.kind == "public":
        raise NotSignedIn("请先登录")
    own = desk.runtime.service.name
    content = {
        "service": own, "made_at": desk.now.isoformat(), "values": await held_of(desk),
        "others": [f"/api/{name}/me/data" for name in SERVICES if name != own],
    }  # fmt: skip
    answer = desk.respond(content)
    answer.headers["Content-Disposition"] = f'attachment; filename="{own}.json"'
    return answer


async def held_of(desk: Desk) -> list[Held]:
    """In the order of the streams, each value once."""
    found: dict[tuple[str, str], Held] = {}
    for commit in await _commits_of(desk.runtime, desk.principal):
        for stored in commit.events:
            for value in personal_values(decode(stored.type, stored.body)):
                await _take(desk, found, commit, stored.type, value)
    return list(found.values())


async def _take(
    desk: Desk, found: dict[tuple[str, str], Held], commit: Commit, type_: str, value: Personal[Any]
) -> None:
    if fields.how(value.label, desk.principal, own=True) == "hidden":
        return
    text = await desk.show(value, WHY, own=True)
    known = found.get((value.label, text))
    if known is not None:
        known.last, known.times = max(known.last, commit.recorded_at), known.times + 1
        return
    named = INVENTORY.get(value.label)
    title = named.title if named else value.label
    found[value.label, text] = Held(value.label, title, text, type_, commit.recorded_at, commit.recorded_at)


async def _commits_of(runtime: Runtime, principal: Principal) -> list[Commit]:
    """Streams of the account, of its enterprise, or of the official alone: never of the official's authority."""
    commits: list[Commit] = []
    for category in [aggregate.category for aggregate in runtime.service.aggregates]:
        for first in _streams(category, principal):
            shard = shard_of(partition_key_of(first), runtime.settings.shards)
            # `.` follows `-`: the stream itself and all that are named behind it.
            commits += await runtime.store.read_streams(shard, first, f"{first}.")
    return commits


def _streams(category: str, principal: Principal) -> list[str]:
    if principal.kind == "official":
        office = principal.office
        mine = category == "official" and office is not None
        return [stream_name(category, office.authority, principal.id)] if mine and office else []
    keys = [principal.id, *([principal.enterprise] if principal.enterprise else [])]
    return [stream_name(category, key) for key in keys]
