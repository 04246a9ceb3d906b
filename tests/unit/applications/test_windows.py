"""申报时间: opened, rebound, extended, closed ten minutes late."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from libs.events.contracts import applications as said
from services.applications.domain.packs import UnknownPack
from services.applications.domain.windows import commands as c
from services.applications.domain.windows import refusals as r
from services.applications.domain.windows.state import GRACE, due
from tests.unit.applications import kit as k
from tests.unit.applications.kit import given_window, head

MANAGER: dict[str, Any] = {"actor": k.MANAGER}


def open_window(**changes: Any) -> c.OpenWindow:
    content: dict[str, Any] = {
        "authority": k.JIANGSU,
        "kind": "declaration",
        "tier": "innovative",
        "batch": "2024-1",
        "title": "2024年度第一批",
        "regions": (k.JIANGSU,),
        "opens": k.OPENS,
        "closes": k.CLOSES,
        "form": "innovative-2022",
        "pack": "innovative@2022-63",
        "prerequisites": (),
        "contact": k.CONTACT,
    }
    by = changes.pop("by", None) or k.manager(changes.get("authority", k.JIANGSU))
    return c.OpenWindow(**head(k.EARLIER, actor=by), **(content | changes))


def rebind(**changes: Any) -> c.RebindWindow:
    content: dict[str, Any] = {"form": "innovative-2022", "pack": None, "prerequisites": (), "reason": "更正标准"}
    return c.RebindWindow(**head(**MANAGER), authority=k.JIANGSU, window="w1", **(content | changes))


def extend(closes: Any, at: Any = k.INSIDE, reason: str = "系统故障") -> c.ExtendWindow:
    return c.ExtendWindow(**head(at, **MANAGER), authority=k.JIANGSU, window="w1", closes=closes, reason=reason)


def test_a_window_names_form_pack_and_prerequisites() -> None:
    command = open_window()
    outcome = given_window().when(command).then_types(said.WindowOpened)
    event = outcome.events[0]
    assert event.window == command.window
    assert command.stream == f"window-320000-{command.window}"
    assert event.form == k.pin()
    assert event.pack == k.PACKS["innovative@2022-63"].pin
    assert (event.opens, event.closes, event.contact) == (k.OPENS, k.CLOSES, k.CONTACT)


def test_without_named_prerequisites_the_authoritys_rules_are_taken() -> None:
    srdi = {"tier": "srdi", "form": "jiangsu-srdi-2022", "pack": "srdi@2022-63", "prerequisites": None}
    event = given_window().when(open_window(**srdi)).then_types(said.WindowOpened).events[0]
    assert event.prerequisites == ("prior-title:innovative", "pool-member", "digital-assessment", "annual-update")
    xiamen = open_window(authority=k.XIAMEN, regions=(k.XIAMEN,), prerequisites=None)
    assert given_window().when(xiamen).events[0].prerequisites == ("annual-update",)


def test_a_pool_window_has_no_tier() -> None:
    pool = open_window(kind="pool_entry", tier=None, form="jiangsu-pool", pack=None, prerequisites=None)
    assert given_window().when(pool).then_types(said.WindowOpened).events[0].prerequisites == ()


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("closes", {"closes": k.OPENS}),
        ("closes", {"opens": k.EARLIER - timedelta(days=9), "closes": k.EARLIER - timedelta(days=1)}),
        ("regions", {"regions": ()}),
        ("regions", {"regions": ("350200",)}),
        ("regions", {"regions": ("nonsense",)}),
        ("authority", {"authority": "123456", "regions": ("123456",)}),
        ("form", {"form": "unknown"}),
        ("form", {"form": "jiangsu-pool"}),
        ("form", {"tier": None}),
        ("prerequisites", {"prerequisites": ("luck",)}),
        ("contact", {"contact": {}}),
        ("contact", {"contact": {"name": "某局"}}),
        ("title", {"title": " "}),
    ],
)
def test_a_wrong_setting_is_named(field: str, changes: dict[str, Any]) -> None:
    refusal = given_window().when(open_window(**changes)).then_refused(r.WindowInvalid).refusal
    assert field in {error["field"] for error in refusal.facts["errors"]}


def test_some_authorities_open_by_city_or_zone() -> None:
    given_window().when(open_window(regions=("320100", "320500"))).then_types(said.WindowOpened)
    torch = open_window(authority=k.XIAMEN, regions=(k.TORCH,))
    given_window().when(torch).then_types(said.WindowOpened)


def test_a_window_is_opened_once() -> None:
    given_window(k.window_opened()).when(open_window()).then_refused(r.WindowThere)


def test_rebinding_says_why_and_the_same_again_is_nothing() -> None:
    outcome = given_window(k.window_opened()).when(rebind(prerequisites=("pool-member",)))
    outcome.then_types(said.WindowRebound)
    assert outcome.state.opened is not None
    assert outcome.state.opened.prerequisites == ("pool-member",)
    given_window(*outcome.history).when(rebind(prerequisites=("pool-member",))).then_nothing()


@pytest.mark.parametrize("changes", [{"reason": " "}, {"form": "jiangsu-pool"}, {"prerequisites": ("luck",)}])
def test_a_wrong_rebinding_is_refused(changes: dict[str, Any]) -> None:
    given_window(k.window_opened()).when(rebind(**changes)).then_refused(r.WindowInvalid)


def test_an_unknown_pack_is_refused_with_those_there_are() -> None:
    for history, command in [((), open_window(pack="srdi@1999")), ((k.window_opened(),), rebind(pack="srdi@1999"))]:
        refusal = given_window(*history).when(command).then_refused(UnknownPack).refusal
        assert "srdi@1999" in refusal.detail and "innovative@2022-63" in refusal.way_out


NANJING = k.manager(region="320100", level="city")


def test_a_citys_manager_opens_windows_for_the_city_only() -> None:
    given_window().when(open_window(by=NANJING, regions=("320100",))).then_types(said.WindowOpened)
    given_window().when(open_window(by=NANJING, regions=(k.XUANWU, k.QINHUAI))).then_types(said.WindowOpened)
    for regions in ((k.JIANGSU,), ("320500",), ("320100", "320500")):
        refused = given_window().when(open_window(by=NANJING, regions=regions)).then_refused(r.OutsideYourRegion)
        assert refused.refusal.facts["regions"] == [one for one in regions if one != "320100"]


@pytest.mark.parametrize("command", [rebind(prerequisites=("pool-member",)), extend(k.LATER)])
def test_a_citys_manager_changes_no_window_of_the_province(command: Any) -> None:
    theirs = msgspec.structs.replace(command, actor=NANJING)
    given_window(k.window_opened()).when(theirs).then_refused(r.OutsideYourRegion)
    citys = k.window_opened(regions=("320100",))
    assert given_window(citys).when(theirs).refusal is None


def test_an_extension_says_why_and_only_moves_forward() -> None:
    given = given_window(k.window_opened())
    outcome = given.when(extend(k.CLOSES + k.MS)).then_types(said.WindowExtended)
    assert outcome.state.closes == k.CLOSES + k.MS
    given.when(extend(k.CLOSES)).then_nothing()
    given.when(extend(k.CLOSES - k.MS)).then_refused(r.NotAnExtension)
    given.when(extend(k.CLOSES + k.MS, reason="")).then_refused(r.WindowInvalid)
    given.when(extend(k.CLOSES + k.MS, at=k.LATER)).then_refused(r.NotAnExtension)


def test_a_closed_window_may_be_extended_and_closes_again() -> None:
    closed = said.WindowClosed(k.LATER, "w1", k.CLOSES)
    until = k.LATER + timedelta(days=7)
    outcome = given_window(k.window_opened(), closed).when(extend(until, at=k.LATER)).then_types(said.WindowExtended)
    assert not outcome.state.closed
    assert due(outcome.events[0]) == {"close": until + GRACE}
    given_window(*outcome.history).when(k.tick("w", "close", until + GRACE)).then_types(said.WindowClosed)


@pytest.mark.parametrize("command", [rebind(), extend(k.LATER)])
def test_an_unknown_window_can_neither_be_rebound_nor_extended(command: Any) -> None:
    given_window().when(command).then_refused(r.UnknownWindow)


def test_a_window_closes_ten_minutes_after_its_end_and_only_once() -> None:
    opened = k.window_opened()
    assert due(opened) == {"close": k.CLOSES + GRACE}
    given_window(opened).when(k.tick("w", "close", k.CLOSES + GRACE - k.MS)).then_nothing()
    outcome = given_window(opened).when(k.tick("w", "close", k.CLOSES + GRACE))
    outcome.then(said.WindowClosed(k.CLOSES + GRACE, "w1", k.CLOSES))
    given_window(*outcome.history).when(k.tick("w", "close", k.LATER)).then_nothing()
    assert due(outcome.events[0]) == {"close": None}
    given_window().when(k.tick("w", "close", k.LATER)).then_nothing()


def test_an_early_tick_after_an_extension_does_nothing() -> None:
    extended = k.extended(k.LATER, k.INSIDE)
    given_window(k.window_opened(), extended).when(k.tick("w", "close", k.CLOSES + GRACE)).then_nothing()
