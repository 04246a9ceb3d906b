"""What review's tests share: the policies as shipped, officers, commands with everything filled in."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from libs.events.contracts.actors import Actor, Level, Office
from libs.events.contracts.base import Event, contracts
from libs.events.contracts.review import Finding, Reason, SiteResult
from libs.events.policies import load_policies
from libs.events.recorded import Recorded
from libs.events.testing.scenario import scenario
from services.review.domain import case, lists, tallies, titles
from services.review.domain.case import commands as c
from tests import histories as h

SERVICES = Path(__file__).parents[3] / "services"
POLICIES = (*load_policies(SERVICES / "review/policy"), *load_policies(SERVICES / "applications/policy"))
LATER = h.at(400)
REVIEW, APPLICATIONS = Actor("service", "review"), Actor("service", "applications")

given: Any = scenario(case.decider, POLICIES)
given_list: Any = scenario(lists.decider, POLICIES)
given_tally: Any = scenario(tallies.decider, POLICIES)
given_title: Any = scenario(titles.decider, POLICIES)

REGIONS = {"county": h.COUNTY, "city": h.CITY, "province": h.JIANGSU, "ministry": "000000"}


def officer(
    level: Level, name: str = "", role: str = "reviewer", authority: str = h.JIANGSU, region: str = ""
) -> Actor:
    """`county1`, `city1` … of Jiangsu unless said otherwise."""
    return Actor("official", name or f"{level}1", Office(authority, level, region or REGIONS[level], role))


def publisher(level: Level, authority: str = h.JIANGSU, region: str = "") -> Actor:
    return officer(level, "publisher1", "publisher", authority, region)


COUNTY1, CITY1, PROVINCE1 = officer("county"), officer("city"), officer("province")


def on_case(command: type[c.OnCase], by: Actor, at: datetime = LATER, /, **fields: Any) -> Any:
    return command(id="x" * 32, received_at=at, actor=by, enterprise=h.ENTERPRISE, application=h.CASE, **fields)


def start(by: Actor = COUNTY1) -> Any:
    return on_case(c.StartReview, by)


def take_over(by: Actor) -> Any:
    return on_case(c.TakeOverCase, by)


def approve(by: Actor = COUNTY1) -> Any:
    return on_case(c.ApproveAtLevel, by, opinion="同意推荐")


def send_back(by: Actor = COUNTY1, *reasons: Reason, at: datetime = LATER) -> Any:
    return on_case(c.ReturnApplication, by, at, reasons=reasons or (Reason("figures-inconsistent", "", "revenue"),))


def reject(by: Actor = COUNTY1, *reasons: Reason) -> Any:
    return on_case(c.RejectApplication, by, reasons=reasons or (Reason("below-standard", "未达标准"),))


def check_site(
    by: Actor = COUNTY1, result: SiteResult = "conforms", findings: tuple[Finding, ...] = (Finding("现场与申报一致"),)
) -> Any:
    return on_case(c.RecordSiteCheck, by, result=result, findings=findings)


def transfer(by: Actor = COUNTY1, region: str = "320506") -> Any:
    return on_case(c.TransferCase, by, region=region, reason="注册地在吴中区")


def record(by: Actor = PROVINCE1) -> Any:
    return on_case(c.FileForRecord, by, document="备案〔2024〕3号")


def submit(round: int = 1, region: str = h.COUNTY, authority: str = h.JIANGSU, **changes: Any) -> Any:
    command = on_case(
        c.OpenCase,
        APPLICATIONS,
        submission=f"s{round}.1",
        filing=h.FILING,
        enterprise_name="苏州某精密科技有限公司",
        kind="declaration",
        tier="srdi",
        authority=authority,
        region=region,
        region_names=("江苏省", "苏州市", "虎丘区"),
        window="w1",
        batch="2024-1",
        round=round,
        changed=("revenue",) if round > 1 else (),
    )
    return msgspec.structs.replace(command, **changes)


def withdraw(round: int = 1) -> Any:
    return on_case(c.AnswerWithdrawal, APPLICATIONS, request="w.1", filing=h.FILING, round=round)


def recall(round: int = 2) -> Any:
    return on_case(c.AnswerRecall, APPLICATIONS, request="r.1", filing=h.FILING, round=round)


def hand_on(**changes: Any) -> Any:
    """To `county2`, whatever `county1` has held in the county's office since the second hour or before."""
    command = on_case(
        c.PassCase,
        REVIEW,
        before="county1",
        successor="county2",
        office=Office(h.JIANGSU, "county", h.COUNTY, "reviewer"),
        until=h.at(2),
        hand_over="official-x@8.1",
        document="苏工信人〔2024〕7号",
    )
    return msgspec.structs.replace(command, **changes)


def close(why: str = "lapsed") -> Any:
    return on_case(c.CloseCase, APPLICATIONS, why=why, cause="l.1")


def reopen() -> Any:
    return on_case(c.ReopenCase, APPLICATIONS, cause="v.1")


def score(round: int = 1, verdict: str = "pass") -> Any:
    return on_case(c.NoteScore, REVIEW, round=round, verdict=verdict, low="68", high="83", cause="q.1")


def join(list_: str = h.NOTICE_LIST, level: Level = "province", **changes: Any) -> Any:
    command = on_case(
        c.JoinList,
        REVIEW,
        list=list_,
        purpose=list_.rsplit("-", 1)[1],
        authority=h.JIANGSU,
        region=h.JIANGSU,
        level=level,
        kind="declaration",
        tier="srdi",
        portion=0,
        portion_size=1,
        cause="p.1",
    )
    return msgspec.structs.replace(command, **changes)


def day(year: int, month: int, day_: int, hour: int = 2) -> datetime:
    """An instant on that day in China."""
    return datetime(year, month, day_, hour, tzinfo=UTC)


def recorded(data: Event, stream: str, version: int = 1, n: int = 1) -> Recorded[Any]:
    """An event as projections and reactions meet it."""
    contract = next(t for t, known in contracts().items() if known.type is type(data))
    return Recorded(
        data=data,
        id=f"{stream}@{version}.{n}",
        type=contract,
        service=contract.split(".")[0],
        stream=stream,
        version=version,
        partition_key=stream.split("-")[1],
        shard=0,
        position=version,
        hash="",
        time=data.received_at,
        clock=version,
        actor=REVIEW,
        correlation_id="",
        causation_id="",
        traceparent="",
    )
