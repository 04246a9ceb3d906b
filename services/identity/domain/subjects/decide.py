"""Erasing and keeping (个人信息保护法第四十七条: 法定保存期限未届满的，停止存储以外的处理)."""

from typing import assert_never

from libs.events.contracts.base import Event
from libs.events.contracts.identity import LegalHoldLifted, LegalHoldPlaced, SubjectErased, SubjectKeyDestroyed
from libs.events.contracts.times import business_date
from libs.events.decider import Decider, Facts
from libs.events.errors import refuse_if, refuse_together, refuse_unless
from libs.events.ids import entity_id
from services.identity.domain.subjects.commands import EraseSubject, LiftHold, NoteKeyDestroyed, PlaceHold
from services.identity.domain.subjects.refusals import AlreadyErased, HoldOver, HoldUnknown, OnHold
from services.identity.domain.subjects.state import Hold, SubjectState, evolve, initial

SubjectCommand = EraseSubject | NoteKeyDestroyed | PlaceHold | LiftHold


def decide(command: SubjectCommand, state: SubjectState, facts: Facts) -> list[Event]:
    match command:
        case EraseSubject():
            return erase(command, state)
        case NoteKeyDestroyed():
            return note_destroyed(command, state)
        case PlaceHold():
            return place_hold(command, state)
        case LiftHold():
            return lift_hold(command, state)
        case _:
            assert_never(command)


def erase(command: EraseSubject, state: SubjectState) -> list[Event]:
    """Once; every hold that stands is named, with whoever placed it and until when."""
    if state.erased_at is not None:
        return []
    refuse_together([_on_hold(hold) for hold in state.holds if hold.stands(command.received_at)])
    return [SubjectErased(command.received_at, command.subject, command.reason, command.basis)]


def _on_hold(hold: Hold) -> OnHold:
    until = f"保留至 {business_date(hold.until)}" if hold.until else "未定期限"
    return OnHold(
        f"{hold.holder}要求保留：{hold.reason}（{until}）",
        since=hold.since,
        until=hold.until,
        way_out="期限届满或由其解除后再办理删除",
        hold=hold.hold,
        holder=hold.holder,
    )


def note_destroyed(command: NoteKeyDestroyed, state: SubjectState) -> list[Event]:
    """The first time in any case; later only when a key had come back."""
    if state.erased_at is None or (state.destroyed and not command.found):
        return []
    return [SubjectKeyDestroyed(command.received_at, command.subject, again=state.destroyed > 0)]


def place_hold(command: PlaceHold, state: SubjectState) -> list[Event]:
    refuse_unless(state.erased_at is None, AlreadyErased(since=state.erased_at))
    over = command.until is not None and command.until <= command.received_at
    refuse_if(over, HoldOver(way_out="请填写将来的日期，或留空"))
    hold = entity_id(command.id, 1)
    return [LegalHoldPlaced(command.received_at, command.subject, hold, command.holder, command.reason, command.until)]


def lift_hold(command: LiftHold, state: SubjectState) -> list[Event]:
    known = any(hold.hold == command.hold for hold in state.holds)
    refuse_unless(known, HoldUnknown())
    return [LegalHoldLifted(command.received_at, command.subject, command.hold, command.reason)]


decider = Decider("subject", (EraseSubject, NoteKeyDestroyed, PlaceHold, LiftHold), initial, evolve, decide)
