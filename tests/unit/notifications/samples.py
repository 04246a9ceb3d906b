"""One event of every kind that somebody is told of."""

from datetime import timedelta
from typing import Any

from libs.events.contracts import applications as a
from libs.events.contracts import identity as i
from libs.events.contracts import review as r
from libs.events.contracts.actors import Office
from libs.events.contracts.base import Event
from tests.unit.notifications.kit import APPLICATION, DAY, ENTERPRISE, NANJING, NOW, PIN

NAME = "南京某某科技有限公司"
ABOUT: dict[str, Any] = {"received_at": NOW, "application": APPLICATION, "enterprise": ENTERPRISE}
PLACE: dict[str, Any] = {"enterprise_name": NAME, "authority": "320000", "region": "320102"}
CASE: dict[str, Any] = {**ABOUT, **PLACE, "tier": "srdi", "round": 1}
TITLE: dict[str, Any] = {"received_at": NOW, "enterprise": ENTERPRISE, **PLACE, "tier": "srdi"}
ROUTE = (
    r.Step("county", ("review", "site_check")),
    r.Step("city", ("review",)),
    r.Step("province", ("review", "publicity", "announce")),
)
REASONS = (r.Reason("figures-inconsistent", "数据前后不一致", "revenue", "第三条"), r.Reason("other", "其他"))

SUBMITTED = a.ApplicationSubmitted(
    **ABOUT, account="c" * 32, kind="declaration", tier="srdi", window="w" * 32, batch="2024年第一批",
    authority="320000", region="320102", region_names=NANJING, round=1, draft_version=3, enterprise_name=NAME,
    credit_code="914403001922038216", answers={}, personal={}, evidence=(), form=PIN,
)  # fmt: skip
OPENED = r.CaseOpened(
    **ABOUT, **PLACE, kind="declaration", tier="srdi", region_names=NANJING, window="w" * 32, batch="2024年第一批",
    route=ROUTE, resubmission="returning_level", correction_days=None, submission="x.1", policies=(PIN,),
)  # fmt: skip
NEXT_ROUND = r.RoundOpened(
    **ABOUT, **PLACE, region_names=NANJING, round=2, level="county", route=ROUTE, changed=("revenue",), submission="y.1"
)
STARTED = r.ReviewStarted(**ABOUT, **PLACE, level="county", round=1, officer="o" * 32)
RETURNED = r.ApplicationReturned(**CASE, level="county", reasons=REASONS, unlocked=("revenue",))
RETURNED_BY = r.ApplicationReturned(
    **CASE, level="county", reasons=REASONS, unlocked=("revenue",), deadline=NOW + timedelta(days=10)
)
APPROVED = r.LevelApproved(**CASE, level="county", officer="o" * 32, opinion="同意", next_level="city")
LAST_APPROVED = r.LevelApproved(**CASE, level="province", officer="o" * 32, opinion="同意")
REJECTED = r.ApplicationRejected(**ABOUT, **PLACE, kind="declaration", tier="srdi", level="city", reasons=REASONS)
TRANSFERRED = r.CaseTransferred(
    **ABOUT, enterprise_name=NAME, authority="320000", before="320102", region="320104",
    region_names=("江苏省", "南京市", "秦淮区"), reason="注册地有误", route=ROUTE,
)  # fmt: skip
WITHDRAWN = r.WithdrawalAccepted(**ABOUT, round=1, request="z.1")
NOT_WITHDRAWN = r.WithdrawalRefused(**ABOUT, round=1, request="z.1", code="review.started", level="county", since=NOW)
RECALLED = r.RecallAccepted(**ABOUT, round=2, request="z.1")
NOT_RECALLED = r.RecallRefused(**ABOUT, round=2, request="z.1", code="review.started")
PUBLICITY: dict[str, Any] = {
    **ABOUT, "enterprise_name": NAME, "authority": "320000", "tier": "srdi", "list": "l" * 32, "level": "province",
}  # fmt: skip
SHOWN = r.PublicityStarted(**PUBLICITY, starts=DAY, ends=DAY + timedelta(days=4))
SHOWN_ENOUGH = r.PublicityEnded(**PUBLICITY)
POOLED = r.ApplicationApproved(**ABOUT, **PLACE, kind="pool_entry", tier=None)
ANNOUNCED = r.ApplicationApproved(**ABOUT, **PLACE, kind="declaration", tier="srdi", announced_on=DAY, document="1号")
GRANTED = r.TitleGranted(**TITLE, application=APPLICATION, document="苏工信〔2024〕1号", valid_from=DAY, valid_to=DAY)
EXTENDED = r.TitleExtended(NOW, ENTERPRISE, "srdi", APPLICATION, "苏工信〔2027〕1号", DAY)
EXPIRING = r.CertificationExpiring(**TITLE, days=90, valid_to=DAY)
AWAITING = r.TitleAwaitingReReview(NOW, ENTERPRISE, "srdi", DAY)
EXPIRED = r.TitleExpired(**TITLE, valid_to=DAY)
CANCELLED = r.TitleCancelled(**TITLE, reason="提供虚假材料", document="苏工信〔2024〕9号", ban_until=DAY)
PASSED = r.SuccessionNoted(
    NOW, "succession-320000-county-320102-reviewer", "o" * 32, "p" * 32,
    Office("320000", "county", "320102", "reviewer"), "h.1", "宁工信人〔2024〕7号",
)  # fmt: skip
LAPSED = a.ApplicationLapsed(**ABOUT, reason="逾期未提交")
REVIVED = a.ApplicationRevived(**ABOUT, reason="窗口延长")
UPDATED = a.UpdateNoted(NOW, ENTERPRISE, 2024, "x.1")
VERIFIED = i.RealNameVerified(NOW, "c" * 32, ENTERPRISE, "914403001922038216", NAME, "automatic")

TO_ENTERPRISE: list[tuple[str, Event, str]] = [
    ("applications", SUBMITTED, "application-submitted"),
    ("applications", LAPSED, "application-lapsed"),
    ("applications", REVIVED, "application-revived"),
    ("applications", UPDATED, "annual-update-noted"),
    ("identity", VERIFIED, "real-name-verified"),
    ("review", STARTED, "review-started"),
    ("review", RETURNED, "application-returned"),
    ("review", RETURNED_BY, "application-returned"),
    ("review", APPROVED, "level-approved"),
    ("review", LAST_APPROVED, "level-approved"),
    ("review", REJECTED, "application-rejected"),
    ("review", TRANSFERRED, "case-transferred"),
    ("review", WITHDRAWN, "withdrawal-accepted"),
    ("review", NOT_WITHDRAWN, "withdrawal-refused"),
    ("review", RECALLED, "recall-accepted"),
    ("review", NOT_RECALLED, "recall-refused"),
    ("review", SHOWN, "publicity-started"),
    ("review", SHOWN_ENOUGH, "publicity-ended"),
    ("review", GRANTED, "title-granted"),
    ("review", EXTENDED, "title-extended"),
    ("review", EXPIRING, "certification-expiring"),
    ("review", AWAITING, "title-awaiting-re-review"),
    ("review", EXPIRED, "title-expired"),
    ("review", CANCELLED, "title-cancelled"),
]
TO_OFFICE: list[tuple[Event, str, str, str]] = [
    (OPENED, "application-submitted-office", "county", "320102"),
    (NEXT_ROUND, "application-resubmitted-office", "county", "320102"),
    (APPROVED, "level-approved-office", "city", "320100"),
    (TRANSFERRED, "case-transferred-office", "county", "320104"),
]
