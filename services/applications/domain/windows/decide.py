"""What a window's commands decide."""

from datetime import datetime
from typing import assert_never

from libs.events.contracts.actors import covers
from libs.events.contracts.applications import WindowClosed, WindowExtended, WindowOpened, WindowRebound
from libs.events.contracts.base import Event
from libs.events.contracts.times import business_date
from libs.events.decider import Command, Facts, Policies, Tick
from libs.events.errors import refuse_if, refuse_unless
from services.applications.domain.forms import form_of, form_policy
from services.applications.domain.packs import Opening, chosen, refuse_silent_deviation
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
    policies = _then(command.opens, command.received_at, facts.policies)
    opening = _opening(command, command.form, policies)
    choice = chosen(policies, opening, command.pack)
    prerequisites = command.prerequisites
    if prerequisites is None:
        prerequisites = required_by_rule(policies, command.authority, command.kind, command.tier, choice.policy)
    faults = opening_faults(command, facts.policies)
    faults |= binding_faults(command.form, opening, choice, prerequisites, policies)
    refuse_if(faults, WindowInvalid(faults))
    _within_office(command, command.regions)
    refuse_silent_deviation(choice, command.pack_reason)
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
            form=form_policy(policies, command.form).pin,
            pack=choice.pin,
            prerequisites=prerequisites,
            contact=command.contact,
            bound=choice.bound,
            pack_reason=command.pack_reason.strip() if choice.deviates else "",
        )
    ]


def rebind(command: RebindWindow, state: WindowState, facts: Facts) -> list[Event]:
    """Its reason is also that of a pack other than the bound one."""
    if state.opened is None:
        raise UnknownWindow()
    opened = state.opened
    _within_office(command, opened.regions)
    policies = _then(opened.opens, command.received_at, facts.policies)
    opening = _opening(opened, command.form, policies)
    choice = chosen(policies, opening, command.pack)
    faults = binding_faults(command.form, opening, choice, command.prerequisites, policies)
    if not command.reason.strip():
        faults["reason"] = "请写明理由"
    refuse_if(faults, WindowInvalid(faults))
    form = form_policy(policies, command.form).pin
    if (form, choice.pin, command.prerequisites) == (opened.form, opened.pack, opened.prerequisites):
        return []
    return [
        WindowRebound(
            command.received_at, command.window, form, choice.pin, command.prerequisites, command.reason, choice.bound
        )
    ]


def _then(opens: datetime, now: datetime, policies: Policies) -> Policies:
    """The policies of the day on which the window opens; one that has opened is set by those of today."""
    return policies if opens <= now else policies.on(business_date(opens))


def _opening(window: OpenWindow | WindowOpened, form: str, policies: Policies) -> Opening:
    found = form_of(policies, form)
    scored = found is not None and bool(found.packs)
    return Opening(window.authority, window.kind, window.tier, window.opens, scored)


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
