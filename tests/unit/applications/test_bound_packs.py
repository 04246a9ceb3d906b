"""适用标准: a window runs on the pack that the rules bind; another needs a reason, which the event keeps."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from libs.events.contracts import applications as said
from libs.events.contracts.bindings import PackBinding, bound_pack
from libs.events.contracts.times import day_start
from libs.events.decider import Policies
from libs.events.testing.scenario import scenario
from services.applications.domain import enterprises, windows
from services.applications.domain.packs import BindingsUnknown, PackNotBound, UnknownPack
from services.applications.domain.prerequisites import check
from services.applications.domain.windows import refusals as r
from tests.unit.applications import kit as k
from tests.unit.applications.kit import given_window
from tests.unit.applications.test_windows import open_window, rebind

FORM = {"innovative": "innovative-2022", "srdi": "srdi-2026", "giant": "giant-2026"}
LAST_DAY, FIRST_DAY = date(2026, 3, 31), date(2026, 4, 1)
NATIONAL = k.BINDINGS["national"].pin
given_before_the_tables = scenario(windows.decider, [one for one in k.POLICIES if one.kind != "bindings"])


def on(day: date, **changes: Any) -> Any:
    """Set a month before, a window that opens on `day` for thirty days, no pack named."""
    opens = day_start(day)
    content = {"opens": opens, "closes": opens + timedelta(days=30), "pack": None, "prerequisites": None}
    command = open_window(**{**content, **changes})
    return msgspec.structs.replace(command, received_at=opens - timedelta(days=30))


def opened(command: Any) -> said.WindowOpened:
    (event,) = given_window().when(command).then_types(said.WindowOpened).events
    assert isinstance(event, said.WindowOpened)
    return event


@pytest.mark.parametrize(
    ("day", "tier", "form", "pack"),
    [
        (LAST_DAY, "srdi", "jiangsu-srdi-2022", "srdi@2022-63"),
        (FIRST_DAY, "srdi", "srdi-2026", "srdi@2026-2"),
        (LAST_DAY, "innovative", "innovative-2022", "innovative@2022-63"),
        (FIRST_DAY, "innovative", "innovative-2022", "innovative@2022-63"),
        (date(2025, 6, 1), "giant", "giant-2022", "giant@2022-63+2025"),
        (FIRST_DAY, "giant", "giant-2026", "giant@2026-2"),
        (FIRST_DAY, "tech", "tech-2017", "tech@2017-115"),
    ],
)
def test_without_a_pack_the_one_is_pinned_that_binds_on_the_opening_day(
    day: date, tier: str, form: str, pack: str
) -> None:
    """Also when the window is set before the law that it will run on is in force."""
    event = opened(on(day, tier=tier, form=form))
    assert event.pack == k.PACKS[pack].pin
    assert event.bound is not None and (event.bound.pack, event.bound.table) == (pack, NATIONAL)
    assert event.bound.basis and event.pack_reason == ""


def test_the_opening_day_is_that_of_china() -> None:
    evening = datetime(2026, 3, 31, 15, 59, 59, 999000, tzinfo=UTC)
    before = on(LAST_DAY, tier="srdi", form="jiangsu-srdi-2022", opens=evening)
    after = on(LAST_DAY, tier="srdi", form="srdi-2026", opens=evening + k.MS)
    assert [opened(one).bound.pack for one in (before, after)] == ["srdi@2022-63", "srdi@2026-2"]  # type: ignore[union-attr]


def test_a_re_review_of_2026_runs_on_the_law_of_2022_beside_new_ones_on_that_of_2026() -> None:
    again = opened(on(date(2026, 5, 1), tier="giant", kind="re_review", form="giant-2022"))
    new = opened(on(date(2026, 5, 1), tier="giant", form="giant-2026"))
    assert [again.pack, new.pack] == [k.PACKS["giant@2022-63"].pin, k.PACKS["giant@2026-2"].pin]


def test_a_provinces_own_table_goes_before_the_national_one() -> None:
    shandong = {"authority": "370000", "regions": ("370000",), "tier": "srdi", "form": "jiangsu-srdi-2022"}
    event = opened(on(date(2025, 5, 1), **shandong))
    assert event.pack == k.PACKS["srdi@2022-63+370000"].pin
    assert event.bound is not None and event.bound.table == k.BINDINGS["370000"].pin and not event.bound.certain
    event = opened(on(FIRST_DAY, **shandong | {"form": "srdi-2026"}))
    assert event.bound is not None and event.bound.table == NATIONAL


@pytest.mark.parametrize("pack", [None, "srdi@2026-2"])
def test_the_bound_pack_may_be_named_and_a_reason_for_it_is_not_kept(pack: str | None) -> None:
    event = opened(on(FIRST_DAY, tier="srdi", form="srdi-2026", pack=pack, pack_reason="多余的话"))
    assert (event.pack, event.pack_reason) == (k.PACKS["srdi@2026-2"].pin, "")


@pytest.mark.parametrize("reason", ["", " \n"])
def test_another_pack_is_refused_without_a_reason(reason: str) -> None:
    command = on(FIRST_DAY, tier="srdi", form="srdi-2026", pack="srdi@2022-63", pack_reason=reason)
    refusal = given_window().when(command).then_refused(PackNotBound).refusal
    assert (refusal.code, refusal.status) == ("applications.pack-not-bound", 422)
    assert refusal.facts == {"bound": "srdi@2026-2", "given": "srdi@2022-63"}
    assert refusal.rule == "2号附件1" and "srdi@2026-2" in refusal.way_out


def test_another_pack_is_taken_with_a_reason_that_the_event_keeps() -> None:
    command = on(FIRST_DAY, tier="srdi", form="jiangsu-srdi-2022", pack="srdi@2022-63", pack_reason=" 过渡期安排 ")
    event = opened(command)
    assert (event.pack, event.pack_reason) == (k.PACKS["srdi@2022-63"].pin, "过渡期安排")
    assert event.bound is not None and event.bound.pack == "srdi@2026-2"


@pytest.mark.parametrize(
    "changes",
    [
        {"pack": "srdi@2022-63"},
        {"pack": "srdi@2026-2", "tier": "srdi", "kind": "re_review", "form": "srdi-2026-re-review"},
        {"pack": "srdi@2022-63+370000", "tier": "srdi", "form": "srdi-2026"},
    ],
    ids=["another tier", "another kind", "another province"],
)
def test_no_reason_makes_a_pack_fit_that_is_for_something_else(changes: dict[str, Any]) -> None:
    refusal = (
        given_window().when(on(FIRST_DAY, pack_reason="另有规定", **changes)).then_refused(r.WindowInvalid).refusal
    )
    assert [error["field"] for error in refusal.facts["errors"]] == ["pack"]


def test_a_pack_that_is_not_in_force_when_the_window_opens_is_unknown() -> None:
    early = on(LAST_DAY, tier="srdi", form="jiangsu-srdi-2022", pack="srdi@2026-2", pack_reason="提前执行")
    given_window().when(early).then_refused(UnknownPack)


def test_where_the_rules_bind_none_a_pack_is_named_or_there_is_none_and_the_event_says_so() -> None:
    """A pool is not scored at all; the first months of 2026 stand in no table for 小巨人."""
    pool = opened(on(FIRST_DAY, kind="pool_entry", tier=None, form="jiangsu-pool"))
    assert (pool.pack, pool.bound) == (None, None)
    between = {"tier": "giant", "form": "giant-2022"}
    named = opened(on(date(2026, 2, 1), pack="giant@2022-63", **between))
    assert (named.pack, named.bound, named.pack_reason) == (k.PACKS["giant@2022-63"].pin, None, "")
    assert opened(on(date(2026, 2, 1), **between)).pack is None


def test_before_the_tables_have_come_a_window_names_its_pack_or_waits() -> None:
    silent, named = (on(FIRST_DAY, tier="srdi", form="srdi-2026", pack=pack) for pack in (None, "srdi@2026-2"))
    refusal = given_before_the_tables().when(silent).then_refused(BindingsUnknown).refusal
    assert (refusal.code, refusal.status) == ("applications.bindings-unknown", 409)
    (event,) = given_before_the_tables().when(named).then_types(said.WindowOpened).events
    assert (event.pack, event.bound) == (k.PACKS["srdi@2026-2"].pin, None)
    pool = on(FIRST_DAY, kind="pool_entry", tier=None, form="jiangsu-pool")
    given_before_the_tables().when(pool).then_types(said.WindowOpened)


def test_rebinding_looks_the_bound_pack_up_for_the_day_on_which_the_window_opened() -> None:
    """A window opened under the old law keeps it, also when it is rebound under the new one."""
    old = k.window_opened(tier="srdi", pack=None)
    later = msgspec.structs.replace(rebind(form="jiangsu-srdi-2022"), received_at=datetime(2026, 6, 1, tzinfo=UTC))
    outcome = given_window(old).when(later).then_types(said.WindowRebound)
    event = outcome.events[0]
    assert event.pack == k.PACKS["srdi@2022-63"].pin
    assert event.bound == PackBinding("srdi@2022-63", "63号附件2", NATIONAL)
    assert outcome.state.opened is not None and outcome.state.opened.bound == event.bound
    given_window(*outcome.history).when(later).then_nothing()


def test_rebinding_to_another_pack_keeps_its_reason() -> None:
    given = given_window(msgspec.structs.replace(k.window_opened(), tier="giant", form=k.FORMS["giant-2022"].pin))
    other = rebind(form="giant-2022", pack="giant@2022-63+2025", reason="按2025年通知")
    at = msgspec.structs.replace(other, received_at=datetime(2025, 2, 1, tzinfo=UTC))
    outcome = given.when(at).then_types(said.WindowRebound)
    assert outcome.events[0].pack == k.PACKS["giant@2022-63+2025"].pin
    assert outcome.state.opened is not None and outcome.state.opened.pack_reason == "按2025年通知"
    given_window(*outcome.history).when(msgspec.structs.replace(at, pack=None)).then_types(said.WindowRebound)


def test_what_was_submitted_keeps_its_pin_when_the_window_is_rebound() -> None:
    rebound = said.WindowRebound(k.INSIDE, "w1", k.pin(), None, (), "更正")
    reads = k.reads(window=(k.window_opened(), rebound))
    history = (k.SUBMITTED, k.started(), k.returned("revenue_y1"))
    answers = k.answers_for("innovative-2022") | {"revenue_y1": "80.00"}
    outcome = k.given_filing(*history).with_reads(reads).when(k.submit(answers=answers, at=k.LATER))
    assert outcome.then_types(said.ApplicationSubmitted).events[0].pack == k.PACKS["innovative@2022-63"].pin


@pytest.mark.parametrize(
    ("authority", "kind", "tier", "form", "day", "codes"),
    [
        (k.XIAMEN, "declaration", "srdi", "jiangsu-srdi-2022", LAST_DAY, ("digital-assessment", "annual-update")),
        (k.XIAMEN, "declaration", "srdi", "srdi-2026", FIRST_DAY, ("prior-title:tier1", "annual-update")),
        (k.JIANGSU, "declaration", "srdi", "srdi-2026", FIRST_DAY, ("prior-title:tier1", "annual-update")),
        (k.XIAMEN, "declaration", "giant", "giant-2026", FIRST_DAY, ("prior-title:srdi", "annual-update")),
        (k.XIAMEN, "re_review", "giant", "giant-2022", FIRST_DAY, ()),
        ("370000", "declaration", "srdi", "jiangsu-srdi-2022", LAST_DAY, ("digital-assessment", "annual-update")),
    ],
)
def test_prerequisites_follow_from_the_pack(
    authority: str, kind: str, tier: str, form: str, day: date, codes: tuple[str, ...]
) -> None:
    """The digital assessment is asked for under the law of 2022 only; a pack made by a province from it is of that law."""
    command = on(day, authority=authority, regions=(authority,), kind=kind, tier=tier, form=form)
    assert opened(command).prerequisites == codes


@pytest.mark.parametrize(("tier", "met"), [("innovative", True), ("tech", True), ("srdi", False), (None, False)])
def test_the_first_tier_of_2026_is_met_by_either_of_its_titles(tier: str | None, met: bool) -> None:
    title = [said.TitleNoted(k.EARLIER, k.ENTERPRISE, tier, date(2024, 3, 1), date(2027, 2, 28), "c")] if tier else []
    enterprise = enterprises.decider.fold([*k.KNOWN, *title])
    (found,) = check(("prior-title:tier1",), enterprise, k.JIANGSU, date(2026, 5, 1), Policies(k.POLICIES, k.INSIDE))
    assert found.met is met


def test_rows_of_a_table_hold_on_both_their_days_and_for_their_kind_and_tier_alone() -> None:
    table = k.BINDINGS["national"]
    found = [
        bound_pack([table], "350200", tier, kind, day)
        for tier, kind, day in [
            ("giant", "declaration", date(2025, 1, 1)),
            ("giant", "declaration", date(2025, 12, 31)),
            ("giant", "declaration", date(2026, 1, 1)),
            ("giant", "supplement", date(2025, 1, 1)),
            (None, "declaration", date(2025, 1, 1)),
        ]
    ]
    assert [one and one.pack for one in found] == ["giant@2022-63+2025", "giant@2022-63+2025", None, None, None]
    assert bound_pack([k.BINDINGS["370000"]], "350200", "srdi", "declaration", date(2025, 1, 1)) is None
