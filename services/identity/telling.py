"""Answers go out: whatever is due is sent by each channel, tried again while a channel is down, and noted as sent."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog

from libs.events.claims import claimed
from libs.events.contracts.base import Personal
from libs.events.contracts.times import parse_time
from libs.events.decider import PolicyMissing
from libs.events.errors import Conflict, Transient
from libs.events.ids import make_id
from libs.events.runtime import Runtime
from services.identity import sending
from services.identity.channels.chosen import Name
from services.identity.channels.ports import Message
from services.identity.domain.answers.commands import NoteSent, answer_stream
from services.identity.domain.answers.decide import AnswerState, decider
from services.identity.domain.checks.decide import check_rules
from services.identity.projections.answers import NAME as ANSWERS

log = structlog.get_logger("telling")
KIND, CLAIMS = "answers", "answer_claims"
EVERY_SECONDS, CLAIM_MS, AT_ONCE = 1.0, 30_000, 50


async def tell_due(runtime: Runtime) -> None:
    """Beside the service for ever."""
    while True:
        try:
            await tell_once(runtime)
        except (Transient, Conflict, PolicyMissing) as error:
            await log.awarning("telling.waiting", error=str(error))
        await asyncio.sleep(EVERY_SECONDS)


async def tell_once(runtime: Runtime) -> int:
    """How many messages went out or were given up."""
    due = await runtime.view(ANSWERS).find({"open": {"$in": ["sms", "email"]}}, sort=("due",), limit=AT_ONCE)
    return sum([await _tell(runtime, document) for document in due])


async def _tell(runtime: Runtime, document: dict[str, Any]) -> bool:
    name: Name = document["open"]
    stream = answer_stream(document["answer"])
    state: AnswerState = (await runtime.state(decider, stream)).state
    claim = f"{document['answer']}-{name}"
    if name in state.sent or not await claimed(runtime.documents(CLAIMS), claim, runtime.wall(), CLAIM_MS):
        return False
    outcome = await _sent(runtime, name, document)
    late = runtime.business.now() > _until(runtime, parse_time(document["due"]))
    if outcome == "provider-down" and not late:
        return False
    now = runtime.business.now()
    await runtime.handle(
        NoteSent(
            make_id("answer-sent", document["answer"], name), now, runtime.actor, document["answer"], name, outcome
        )
    )
    return True


async def _sent(runtime: Runtime, name: Name, document: dict[str, Any]) -> str:
    to = await _open(runtime, document["phone" if name == "sms" else "email"])
    if to is None:
        return "erased"
    words = runtime.policies.at(runtime.business.now()).of_authority(KIND, "national").content
    values = {
        "login": await _open(runtime, document["login"]) or "（已删除）",
        "check": document["check"],
        "reasons": _reasons(runtime, document["reasons"]),
    }
    text = str(words["texts"][document["about"]]).format(**values)
    message = Message(document["answer"], to, document["about"], values, text, words["subject"])
    return await sending.deliver(runtime, name, message)


def _reasons(runtime: Runtime, codes: list[str]) -> str:
    known = check_rules(runtime.policies.at(runtime.business.now()))["reasons"]
    return "；".join(known.get(code, {"text": code})["text"] for code in codes)


def _until(runtime: Runtime, due: datetime) -> datetime:
    hours = runtime.policies.at(runtime.business.now()).of_authority(KIND, "national").content["keep_trying_hours"]
    return due + timedelta(hours=hours)


async def _open(runtime: Runtime, value: dict[str, Any] | None) -> str | None:
    return None if value is None else await runtime.sealer.open(msgspec.convert(value, Personal[str]))
