"""Codes on their way: handed to the channel beside the request, so that an answer takes as long whoever asked."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import structlog

from libs.events.errors import Refused, Unavailable
from libs.events.runtime import Runtime
from services.identity import codes
from services.identity.channels.chosen import Name, channel_of
from services.identity.channels.ports import ChannelDown, ChannelRefused, Message

log = structlog.get_logger("channels")
_TRIES, _PAUSE_SECONDS = 2, 0.5
_under_way: set[asyncio.Task[None]] = set()
_down: dict[Name, bool] = {}


class ChannelNotConfigured(Refused):
    code = "identity.channel-not-configured"
    title = "本平台尚未配置短信或邮件服务"
    status = 503


def require(runtime: Runtime, name: Name) -> None:
    """Raises ChannelNotConfigured."""
    if channel_of(runtime.settings, name) is None:
        raise ChannelNotConfigured(way_out="请改用其他核验方式，或拨打账户咨询电话")


def begin(runtime: Runtime, name: Name, message: Message, pair: bool) -> None:
    """Send in a task of its own; what became of it is kept with the code."""
    _start(_send(runtime, name, message, pair))


def begin_nothing(runtime: Runtime, name: Name, challenge: str) -> None:
    """For a pair that does not belong together: the same is written, at about the same time, and nothing is sent."""
    _start(_keep(runtime, challenge, "provider-down" if _down.get(name) else "handed-over-if-known"))


async def settled() -> None:
    """Wait for everything that is under way (a process that ends, a test that looks)."""
    while _under_way:
        await asyncio.wait(set(_under_way))


def _start(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)


async def _send(runtime: Runtime, name: Name, message: Message, pair: bool) -> None:
    state = await deliver(runtime, name, message)
    if pair and state != "provider-down":
        # Told in other words, a refusal would say that the pair belongs together.
        state = "handed-over-if-known"
    await _keep(runtime, message.id, state)


async def _keep(runtime: Runtime, challenge: str, state: str) -> None:
    with suppress(Unavailable):
        await runtime.documents(codes.COLLECTION).update(challenge, {"state": state}, {"used_by": ""})


async def deliver(runtime: Runtime, name: Name, message: Message) -> str:
    """`handed-over`, or a reason of the policy's states. Neither address nor text is ever logged."""
    channel = channel_of(runtime.settings, name)
    if channel is None:
        return "provider-down"
    for n in range(1, _TRIES + 1):
        try:
            await channel.send(message)
        except ChannelRefused as refused:
            _down[name] = False
            await log.awarning("channel.refused", channel=name, message=message.id, reason=refused.reason)
            return refused.reason
        except ChannelDown as down:
            _down[name] = True
            await log.awarning("channel.down", channel=name, message=message.id, error=str(down))
            if n < _TRIES:
                await asyncio.sleep(_PAUSE_SECONDS)
        else:
            _down[name] = False
            return "handed-over"
    return "provider-down"
