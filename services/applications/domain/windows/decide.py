"""What a window's commands decide."""

from typing import assert_never

from libs.events.contracts.actors import covers
from libs.events.contracts.applications import WindowClosed, WindowExtended, WindowOpened, WindowRebound
from libs.events.contracts.base import Event
from libs.events.decider import Command, Facts, Tick
from libs.events.errors import refuse_if, refuse_unless
from services.applications.domain.forms import form_policy
from services.applications.domain.packs import pack_pin
from services.applications.domain.prerequisites import required_by_rule
from services.applications.domain.windows.commands import ExtendWindow, OpenWindow, RebindWindow
from services.applications.domain.windows.refusals import (
    NotAnExtension,
    OutsideYourRegion,
    UnknownWindow,
    WindowInvalid,
    WindowThere,
)
from services.applications.domain.windows.state import GRACE, WindowState
from services.applications.domain.windows.validity import binding_faults, opening_faults


def decide(command: OpenWindow | RebindWindow | ExtendWindow | Tick, state: WindowState, facts: Facts) -> list[Event]:
    match command:
        case OpenWindow():
            return open_window(command, state, facts)
        case RebindWindow():
            return rebind(command, state, facts)
        case ExtendWindow():
            return extend(command, state)
        case Tick():
            return close(command, state)
        case _:
            assert_never(command)


def open_window(command: OpenWindow, state: WindowState, facts: Facts) -> list[Event]:
    """管理端维护【申报时间】后，企业端在指定时间段内开放申报入口."""
    refuse_if(state.opened, WindowThere())
    prerequisites = command.prerequisites
    if prerequisites is None:
        prerequisites = required_by_rule(facts.policies, command.authority, command.kind, command.tier)
    faults = opening_faults(command, prerequisites, facts.policies)
    refuse_if(faults, WindowInvalid(faults))
    _within_office(command, command.regions)
    form, pack = form_policy(facts.policies, command.form), pack_pin(facts.policies, command.pack)
    return [
        WindowOpened(
            command.received_at,
            window=command.window,
            authority=command.authority,
            kind=command.kind,
            tier=command.tier,
            batch=command.batch,
            title=command.title,
            regions=command.regions,
            opens=command.opens,
            closes=command.closes,
            form=form.pin,
            pack=pack,
            prerequisites=prerequisites,
            contact=command.contact,
        )
    ]


def rebind(command: RebindWindow, state: WindowState, facts: Facts) -> list[Event]:
    if state.opened is None:
        raise UnknownWindow()
    opened = state.opened
    _within_office(command, opened.regions)
    faults = binding_faults(command.form, opened.kind, opened.tier, command.prerequisites, facts.policies)
    if not command.reason.strip():
        faults["reason"] = "请写明理由"
    refuse_if(faults, WindowInvalid(faults))
    form, pack = form_policy(facts.policies, command.form).pin, pack_pin(facts.policies, command.pack)
    if (form, pack, command.prerequisites) == (opened.form, opened.pack, opened.prerequisites):
        return []
    return [WindowRebound(command.received_at, command.window, form, pack, command.prerequisites, command.reason)]


def extend(command: ExtendWindow, state: WindowState) -> list[Event]:
    """An outage or another reason given; before the end or after it."""
    if state.opened is None or state.closes is None:
        raise UnknownWindow()
    _within_office(command, state.opened.regions)
    refuse_unless(command.reason.strip(), WindowInvalid({"reason": "请写明延长的理由"}))
    if command.closes == state.closes:
        return []
    refuse_unless(
        command.closes > state.closes and command.closes >= command.received_at,
        NotAnExtension(until=state.closes, way_out="请填写晚于现在、也晚于原截止时间的时间"),
    )
    return [WindowExtended(command.received_at, command.window, command.closes, command.reason)]


def _within_office(command: Command, regions: tuple[str, ...]) -> None:
    """A window belongs to the office whose region covers all of it: a city's opens none for the province."""
    office = command.actor.office
    outside = [region for region in regions if office is None or not covers(office.region, region)]
    refuse_if(
        outside,
        OutsideYourRegion(
            f"不在任职辖区内的区划：{'、'.join(outside)}", way_out="请由覆盖全部区划的上级主管部门办理", regions=outside
        ),
    )


def close(command: Tick, state: WindowState) -> list[Event]:
    """Ten minutes after its last moment; what is received later is refused by its time, not by this event."""
    if state.opened is None or state.closes is None or state.closed:
        return []
    if command.received_at < state.closes + GRACE:
        return []
    return [WindowClosed(command.received_at, state.opened.window, state.closes)]
