"""办理进度: everything that happened in a case, in order, in words; no officer's id, no personal value."""

from typing import Any

import msgspec

from libs.events.contracts import review as r
from libs.events.contracts.times import time_text
from libs.events.recorded import Recorded

NAME, VERSION, SOURCES = "case_timeline", 3, ("review",)
TITLES: dict[type[Any], str] = {
    r.CaseOpened: "立案",
    r.RoundOpened: "重新提交",
    r.ReviewStarted: "开始审核",
    r.CaseTakenOver: "接办",
    r.WithdrawalAccepted: "同意撤回",
    r.WithdrawalRefused: "不同意撤回",
    r.RecallAccepted: "同意取回",
    r.RecallRefused: "不同意取回",
    r.ApplicationReturned: "退回修改",
    r.LevelApproved: "审核通过",
    r.ApplicationRejected: "不通过",
    r.SiteChecked: "实地抽查",
    r.ScoreNoted: "评分",
    r.NoteDeclined: "消息不适用",
    r.ListingAccepted: "列入名单",
    r.ListingDeclined: "未列入名单",
    r.PublicityStarted: "公示开始",
    r.PublicityEnded: "公示结束",
    r.ObjectionRaised: "收到异议",
    r.ObjectionDismissed: "异议不成立",
    r.ObjectionUpheld: "异议成立",
    r.ApplicationApproved: "公告（通过）",
    r.FiledForRecord: "备案",
    r.CaseTransferred: "移送",
    r.CaseClosed: "办结（终止或逾期）",
    r.CaseReopened: "恢复办理",
}
PASSED = "接办（移交）"
HANDLES = tuple(TITLES)
INDEXES: tuple[tuple[str, ...], ...] = ()
SHOWN = frozenset(
    [
        "round",
        "level",
        "next_level",
        "reasons",
        "unlocked",
        "region_unlocked",
        "deadline",
        "opinion",
        "result",
        "findings",
        "verdict",
        "low",
        "high",
        "code",
        "reason",
        "why",
        "before",
        "region",
        "region_names",
        "changed",
        "list",
        "starts",
        "ends",
        "announced_on",
        "document",
        "since",
    ]
)

OFFICERS: dict[type[Any], frozenset[str]] = {r.CaseTakenOver: frozenset(["before"])}
"""Where a name that others show means an officer."""

Document = dict[str, Any]


def key(event: Recorded[Any]) -> str:
    return str(event.data.application)


def apply(document: Document | None, event: Recorded[Any]) -> Document:
    data = event.data
    before = document or {"application": data.application, "enterprise": data.enterprise, "entries": []}
    return before | {"entries": [*before["entries"], entry(event)]}


def title(data: Any) -> str:
    return PASSED if isinstance(data, r.CaseTakenOver) and data.hand_over else TITLES[type(data)]


def entry(event: Recorded[Any]) -> Document:
    body: Document = msgspec.to_builtins(event.data)
    office, shown = event.actor.office, SHOWN - OFFICERS.get(type(event.data), frozenset())
    return {
        "event": event.id,
        "type": event.type,
        "title": title(event.data),
        "version": event.version,
        "at": time_text(event.data.received_at),
        "recorded_at": time_text(event.time),
        "by": {"kind": event.actor.kind} | ({"level": office.level, "role": office.role} if office else {}),
        "details": {name: value for name, value in body.items() if name in shown and value not in (None, "", [])},
    }
