"""Named histories: cases, lists and titles as the tests of review meet them, each one the story so far."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from libs.events.contracts import review as r
from libs.events.contracts.actors import Level
from libs.events.contracts.base import Event, PolicyPin

MONDAY = datetime(2024, 5, 6, 1, 0, tzinfo=UTC)
"""Monday 2024-05-06, nine in the morning in China: the first working day after 劳动节."""

ENTERPRISE, OTHER_ENTERPRISE = "e" * 32, "f" * 32
CASE, OTHER_CASE = "a" * 32, "b" * 32
FILING = f"filing-{ENTERPRISE}-declaration-srdi-w1"
JIANGSU, XIAMEN = "320000", "350200"
COUNTY, CITY, HULI, TORCH = "320505", "320500", "350206", "350200z01"
PIN = PolicyPin("chains", "chains-320000", "0" * 64)

review, record = r.Step("county", ("review",)), r.Step("province", ("record",))
NOTICE = r.Publicity(days=5, working=True, first_day_counts=True)
SRDI: tuple[r.Step, ...] = (
    r.Step("county", ("review", "site_check")),
    r.Step("city", ("review",)),
    r.Step("province", ("review", "publicity", "announce"), NOTICE),
)
INNOVATIVE: tuple[r.Step, ...] = (review, r.Step("city", ("review", "publicity", "announce"), NOTICE), record)
XIAMEN_INNOVATIVE: tuple[r.Step, ...] = (
    r.Step("county", ("review", "site_check", "publicity"), NOTICE),
    r.Step("city", ("announce",)),
)
POOL: tuple[r.Step, ...] = (review,)
ROUTES = {"srdi": SRDI, "innovative": INNOVATIVE, "xiamen": XIAMEN_INNOVATIVE, "pool": POOL}


def at(hours: float = 0) -> datetime:
    return MONDAY + timedelta(hours=hours)


def opened(
    route: str = "srdi", *, resubmission: Any = "returning_level", correction_days: int | None = None, hours: float = 0
) -> list[Event]:
    """A case has been opened and waits at its first step."""
    steps, xiamen = ROUTES[route], route == "xiamen"
    return [
        r.CaseOpened(
            at(hours),
            application=CASE,
            enterprise=ENTERPRISE,
            enterprise_name="苏州某精密科技有限公司",
            kind="pool_entry" if route == "pool" else "declaration",
            tier={"srdi": "srdi", "pool": None}.get(route, "innovative"),
            authority=XIAMEN if xiamen else JIANGSU,
            region=HULI if xiamen else COUNTY,
            region_names=("福建省", "厦门市", "湖里区") if xiamen else ("江苏省", "苏州市", "虎丘区"),
            window="w1",
            batch="2024-1",
            route=steps,
            resubmission=resubmission,
            correction_days=correction_days,
            submission="c1.1",
            policies=(PIN,),
            filing=FILING,
        )
    ]


def started(level: Level = "county", officer: str = "", round: int = 1, hours: float = 1) -> Event:
    return r.ReviewStarted(
        at(hours),
        application=CASE,
        enterprise=ENTERPRISE,
        enterprise_name="苏州某精密科技有限公司",
        authority=JIANGSU,
        region=COUNTY,
        level=level,
        round=round,
        officer=officer or f"{level}1",
        filing=FILING,
    )


def checked(level: Level = "county", result: r.SiteResult = "conforms", round: int = 1, hours: float = 2) -> Event:
    return r.SiteChecked(
        at(hours), application=CASE, enterprise=ENTERPRISE, level=level, round=round, result=result, findings=()
    )


def approved(
    level: Level, officer: str = "", round: int = 1, next_level: Level | None = None, hours: float = 3
) -> Event:
    return r.LevelApproved(
        at(hours),
        application=CASE,
        enterprise=ENTERPRISE,
        enterprise_name="苏州某精密科技有限公司",
        authority=JIANGSU,
        region=COUNTY,
        tier="srdi",
        level=level,
        round=round,
        officer=officer or f"{level}1",
        opinion="同意推荐",
        next_level=next_level,
    )


def returned(
    level: Level = "county", round: int = 1, fields: tuple[str, ...] = ("revenue",), region: bool = False
) -> Event:
    return r.ApplicationReturned(
        at(3),
        application=CASE,
        enterprise=ENTERPRISE,
        enterprise_name="苏州某精密科技有限公司",
        authority=JIANGSU,
        region=COUNTY,
        tier="srdi",
        level=level,
        round=round,
        reasons=tuple(r.Reason("figures-inconsistent", "数据前后不一致", field) for field in fields),
        unlocked=fields,
        region_unlocked=region,
        filing=FILING,
    )


def resubmitted(level: Level = "county", round: int = 2, region: str = COUNTY, route: str = "srdi") -> Event:
    return r.RoundOpened(
        at(30),
        application=CASE,
        enterprise=ENTERPRISE,
        enterprise_name="苏州某精密科技有限公司",
        authority=JIANGSU,
        region=region,
        region_names=("江苏省", "苏州市", "虎丘区"),
        round=round,
        level=level,
        route=ROUTES[route],
        changed=("revenue",),
        submission="c2.1",
    )


def withdrawn() -> Event:
    return r.WithdrawalAccepted(at(1), application=CASE, enterprise=ENTERPRISE, round=1, request="w.1", filing=FILING)


def rejected() -> Event:
    return r.ApplicationRejected(
        at(4),
        application=CASE,
        enterprise=ENTERPRISE,
        enterprise_name="苏州某精密科技有限公司",
        authority=JIANGSU,
        region=COUNTY,
        kind="declaration",
        tier="srdi",
        level="county",
        reasons=(r.Reason("below-standard", "未达标准"),),
        filing=FILING,
    )


def closed(why: str = "lapsed") -> Event:
    return r.CaseClosed(at(40), application=CASE, enterprise=ENTERPRISE, why=why, cause="l.1")


def reopened() -> Event:
    return r.CaseReopened(at(41), application=CASE, enterprise=ENTERPRISE, cause="v.1")


def listed(list_: str, level: Level) -> Event:
    return r.ListingAccepted(at(50), application=CASE, enterprise=ENTERPRISE, list=list_, level=level)


def notice_began(list_: str, level: Level) -> Event:
    return r.PublicityStarted(
        at(51),
        application=CASE,
        enterprise=ENTERPRISE,
        enterprise_name="苏州某精密科技有限公司",
        authority=JIANGSU,
        tier="srdi",
        list=list_,
        level=level,
        starts=date(2024, 5, 8),
        ends=date(2024, 5, 13),
    )


def notice_over(list_: str, level: Level) -> Event:
    return r.PublicityEnded(
        at(200),
        application=CASE,
        enterprise=ENTERPRISE,
        enterprise_name="苏州某精密科技有限公司",
        authority=JIANGSU,
        tier="srdi",
        list=list_,
        level=level,
    )


def announced(level: Level = "province") -> Event:
    return r.ApplicationApproved(
        at(300),
        application=CASE,
        enterprise=ENTERPRISE,
        enterprise_name="苏州某精密科技有限公司",
        kind="declaration",
        tier="srdi",
        authority=JIANGSU,
        region=COUNTY,
        announced_on=date(2024, 5, 18),
        document="苏工信企业〔2024〕1号",
        filing=FILING,
        level=level,
    )


NOTICE_LIST = f"list-{JIANGSU}-{JIANGSU}-2024.1-notice"
FINAL_LIST = f"list-{JIANGSU}-{JIANGSU}-2024.1-announcement"


def in_review_at_county(route: str = "srdi", **how: Any) -> list[Event]:
    return [*opened(route, **how), started()]


def waiting_at_city(route: str = "srdi", **how: Any) -> list[Event]:
    site = [checked()] if route in ("srdi", "xiamen") else []
    return [*in_review_at_county(route, **how), *site, approved("county", next_level="city")]


def in_review_at_city(route: str = "srdi", **how: Any) -> list[Event]:
    return [*waiting_at_city(route, **how), started("city")]


def in_review_at_province() -> list[Event]:
    return [*in_review_at_city(), approved("city", next_level="province"), started("province")]


def waiting_for_notice() -> list[Event]:
    return [*in_review_at_province(), approved("province")]


def in_notice() -> list[Event]:
    return [*waiting_for_notice(), listed(NOTICE_LIST, "province"), notice_began(NOTICE_LIST, "province")]


def waiting_for_announcement() -> list[Event]:
    return [*in_notice(), notice_over(NOTICE_LIST, "province")]


def on_the_final_list() -> list[Event]:
    return [*waiting_for_announcement(), listed(FINAL_LIST, "province")]


def certified() -> list[Event]:
    return [*on_the_final_list(), announced()]


def returned_by_city(**how: Any) -> list[Event]:
    return [*in_review_at_city(**how), returned("city")]


def lapsed() -> list[Event]:
    return [*in_review_at_county(), returned(), closed()]


# titles


def granted(tier: str = "innovative", re_review: Any = "before_expiry", on: date = date(2024, 7, 1)) -> list[Event]:
    """Valid from the announcement for three years (tech: one)."""
    years = 1 if tier == "tech" else 3
    return [
        r.TitleGranted(
            datetime(on.year, on.month, on.day, 2, tzinfo=UTC),
            enterprise=ENTERPRISE,
            enterprise_name="厦门某某科技有限公司",
            tier=tier,
            authority=XIAMEN,
            region=HULI,
            application=CASE,
            document="厦工信企业〔2024〕12号",
            valid_from=on,
            valid_to=on.replace(year=on.year + years) - timedelta(days=1),
            policies=(PIN,),
            level="city",
            notice_days=(90, 30, 7),
            re_review=re_review,
        )
    ]
