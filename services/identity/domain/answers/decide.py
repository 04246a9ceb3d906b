"""An answer is due once and goes out once per channel."""

from typing import assert_never

import msgspec

from libs.events.contracts.accounts import AnswerDue, AnswerSent
from libs.events.contracts.base import Event
from libs.events.decider import Decider, Facts
from libs.events.errors import Refused, refuse_unless
from services.identity.domain.accounts.commands import account_stream
from services.identity.domain.accounts.state import AccountState
from services.identity.domain.answers.commands import NoteSent, Tell
from services.identity.domain.checks.commands import check_stream
from services.identity.domain.checks.state import CheckState


class AnswerUnknown(Refused):
    code = "identity.answer-unknown"
    title = "没有这条答复"
    status = 404


class AnswerState(msgspec.Struct, frozen=True):
    due: AnswerDue | None = None
    sent: frozenset[str] = frozenset()


def initial() -> AnswerState:
    return AnswerState()


def evolve(state: AnswerState, event: Event) -> AnswerState:
    match event:
        case AnswerDue():
            return AnswerState(event)
        case AnswerSent():
            return msgspec.structs.replace(state, sent=state.sent | {event.channel})
        case _:
            return state


def decide(command: Tell | NoteSent, state: AnswerState, facts: Facts) -> list[Event]:
    match command:
        case Tell():
            return tell(command, facts)
        case NoteSent():
            refuse_unless(state.due, AnswerUnknown())
            done = command.channel in state.sent
            return [] if done else [AnswerSent(command.received_at, command.answer, command.channel, command.outcome)]
        case _:
            assert_never(command)


def tell(command: Tell, facts: Facts) -> list[Event]:
    account: AccountState = facts.reads[account_stream(command.account)] if command.account else AccountState()
    check: CheckState = facts.reads[check_stream(command.check)] if command.check else CheckState()
    # The number of a real-name form is only stated; that of the other checks has shown itself by a code.
    stated = check.requested is not None and check.requested.purpose == "real-name"
    asked_at = check.requested.phone if check.requested is not None and not stated else None
    phone = command.phone or asked_at or account.phone
    return [
        AnswerDue(
            received_at=command.received_at,
            answer=command.answer,
            about=command.about,
            account=command.account,
            check=command.check,
            phone=phone,
            email=account.email,
            login=account.login,
            reasons=command.reasons,
        )
    ]


decider = Decider("answer", (Tell, NoteSent), initial, evolve, decide)
