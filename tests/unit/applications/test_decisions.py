"""Every command in every situation of a filing, a window and an enterprise: what the log says, or who hears why not."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from libs.events.contracts import applications as said
from services.applications.domain.filings import commands as c
from services.applications.domain.filings.state import due as filing_due
from services.applications.domain.windows.state import GRACE
from services.applications.domain.windows.state import due as window_due
from tests.frozen import frozen, table
from tests.unit.applications import kit as k
from tests.unit.applications import test_enterprises as an_enterprise
from tests.unit.applications import test_filings as a_filing
from tests.unit.applications import test_windows as a_window
from tests.unit.applications.kit import about, given_enterprise, given_filing, given_window, windowed

ALONE = msgspec.structs.replace(k.SUBMITTED, empty_chain=True)
DEADLINE = (*a_filing.IN_REVIEW, k.returned("revenue_y1", region=True, deadline=k.LATER))
FILINGS: Mapping[str, tuple[Any, ...]] = {
    "nothing": (),
    **a_filing.HISTORIES,
    "recall requested": a_filing.RECALL,
    "without reviewers": (ALONE,),
    "without reviewers, its window over": (
        ALONE,
        said.WindowEndReached(k.CLOSES + GRACE, k.APPLICATION, k.ENTERPRISE, "w1", k.JIANGSU),
    ),
    "returned with a deadline": DEADLINE,
    "corrected before the deadline": (*DEADLINE, a_filing.SECOND),
    "withdrawn, its window over": (
        *a_filing.WITHDRAWN,
        said.WindowEndReached(k.CLOSES + GRACE, k.APPLICATION, k.ENTERPRISE, "w1", k.JIANGSU),
    ),
}
LATE = k.CLOSES + k.MS
ON_FILINGS: Mapping[str, Callable[[], Any]] = {
    "withdraw": lambda: c.RequestWithdrawal(**windowed(), reason="改材料"),
    "withdraw late": lambda: c.RequestWithdrawal(**windowed(LATE)),
    "withdraw late and know it": lambda: c.RequestWithdrawal(**windowed(LATE), knows_it_is_final=True),
    "withdraw another": lambda: c.RequestWithdrawal(**(windowed() | {"application": "other"})),
    "recall": lambda: c.RequestRecall(**about()),
    "recall after the deadline": lambda: c.RequestRecall(**about(k.LATER + k.MS)),
    "revive": lambda: c.ReviveApplication(**windowed(k.LATER)),
    "void": a_filing.void,
    "settle": a_filing.settle,
    "accept": lambda: c.AcceptApplication(**about()),
    **{f"note {name}": lambda note=note: note for name, note in a_filing.NOTES.items()},
    "note return of round two": lambda: a_filing._return(2, deadline=k.LATER, region_unlocked=True),
    "note refused withdrawal": lambda: a_filing.REFUSED,
    "note recall of round two": lambda: c.NoteRecall(**about(), round=2, accepted=True, cause="ev"),
    "note refused recall": lambda: c.NoteRecall(**about(), round=2, accepted=False, cause="ev"),
    "window ends": a_filing.at_end,
    "correction ends": lambda: k.tick(k.FILING, "correction", k.LATER + GRACE),
}


SUBMITS: Mapping[str, Callable[[], Any]] = {
    "submit": k.submit,
    "submit late": lambda: k.submit(at=k.LATER),
    "submit early": lambda: k.submit(at=k.EARLIER),
    "submit for another account": lambda: k.submit(account="someone"),
    "submit from another region": lambda: k.submit(region=k.QINHUAI),
    "submit without anything": lambda: k.submit(answers={}, evidence=()),
    "submit without a window": lambda: k.submit(window=None),
    "submit what moved": lambda: k.submit(profile_version=0),
}


@pytest.mark.parametrize("name", ["nothing", "submitted", "returned with a deadline"])
def test_a_submission(name: str) -> None:
    found = table(given_filing(*FILINGS[name]).with_reads(k.reads()), SUBMITS, filing_due)
    assert found == frozen("applications-submits", name, found)


@pytest.mark.parametrize("name", FILINGS)
def test_a_filing(name: str) -> None:
    found = table(given_filing(*FILINGS[name]).with_reads(k.reads()), ON_FILINGS, filing_due)
    assert found == frozen("applications-filings", name, found)


READS: Mapping[str, Callable[[], Any]] = {
    "without a profile": lambda: k.reads(enterprise=(k.VERIFIED,)),
    "without verification": lambda: k.reads(enterprise=()),
    "without a window": lambda: k.reads(window=()),
    "banned": lambda: k.reads(enterprise=(*k.KNOWN, k.BANNED)),
    "window of another kind": lambda: k.reads(window=(k.window_opened(kind="re_review"),)),
    "window of another city": lambda: k.reads(window=(k.window_opened(regions=("320500",)),)),
    "window of two places": lambda: k.reads(window=(k.window_opened(regions=("320500", k.XUANWU)),)),
    "window of another authority": lambda: k.reads(window=(k.window_opened(authority=k.XIAMEN),)),
    "extended": lambda: k.reads(window=(k.window_opened(), k.extended(k.LATER + GRACE, k.INSIDE))),
    "extended afterwards": lambda: k.reads(window=(k.window_opened(), k.extended(k.LATER + timedelta(days=9)))),
    "second tier": lambda: k.reads(window=(k.window_opened(tier="srdi"),)),
    "second tier, all there": lambda: k.reads(
        enterprise=(*k.KNOWN, k.DIGITAL, k.IN_POOL, k.INNOVATIVE), window=(k.window_opened(tier="srdi"),)
    ),
}
WITH_READS: Mapping[str, Callable[[], Any]] = {
    "submit": k.submit,
    "submit the second tier": lambda: k.submit("srdi"),
    "submit the second tier for others, elsewhere": lambda: k.submit("srdi", account="x", region=k.QINHUAI, answers={}),
}
LATER_ON: Mapping[str, Callable[[], Any]] = {
    "revive": lambda: c.ReviveApplication(**windowed(k.LATER)),
    "settle": a_filing.settle,
    "withdraw late": lambda: c.RequestWithdrawal(**windowed(LATE)),
}


@pytest.mark.parametrize("name", READS)
def test_a_submission_by_what_is_known_of_enterprise_and_window(name: str) -> None:
    reads = READS[name]()
    found = table(given_filing().with_reads(reads), WITH_READS)
    for state in ("submitted", "withdrawn", "lapsed") if name.startswith(("extended", "without a window")) else ():
        found[state] = table(given_filing(*FILINGS[state]).with_reads(reads), LATER_ON, filing_due)
    assert found == frozen("applications-submissions", name, found)


CITYS = k.window_opened(regions=("320100",))
WINDOWS: Mapping[str, tuple[Any, ...]] = {
    "nothing": (),
    "opened": (k.window_opened(),),
    "opened for a city": (CITYS,),
    "extended": (k.window_opened(), k.extended(k.LATER, k.INSIDE)),
    "closed": (k.window_opened(), said.WindowClosed(k.LATER, "w1", k.CLOSES)),
}
WRONG = {"title": " ", "regions": (), "closes": k.OPENS, "form": "unknown", "prerequisites": ("luck",), "contact": {}}
ON_WINDOWS: Mapping[str, Callable[[], Any]] = {
    "open": a_window.open_window,
    "open with all wrong": lambda: a_window.open_window(**WRONG),
    "open for other regions": lambda: a_window.open_window(regions=("nonsense", "350200")),
    "open by the city": lambda: a_window.open_window(by=a_window.NANJING, regions=("320100", "320500")),
    "open with an unknown pack": lambda: a_window.open_window(pack="srdi@1999"),
    "open without prerequisites": lambda: a_window.open_window(prerequisites=None),
    "open the second tier": lambda: a_window.open_window(
        tier="srdi", form="jiangsu-srdi-2022", pack="srdi@2022-63", prerequisites=None
    ),
    "rebind": lambda: a_window.rebind(prerequisites=("pool-member",)),
    "rebind to the second tier's form": lambda: a_window.rebind(form="jiangsu-pool", reason=" "),
    "rebind by the city": lambda: msgspec.structs.replace(
        a_window.rebind(prerequisites=("pool-member",)), actor=a_window.NANJING
    ),
    "extend": lambda: a_window.extend(k.CLOSES + k.MS),
    "extend to where it ends": lambda: a_window.extend(k.CLOSES),
    "extend back": lambda: a_window.extend(k.CLOSES - k.MS),
    "extend without a reason": lambda: a_window.extend(k.LATER + k.MS, reason=""),
    "extend what is over": lambda: a_window.extend(k.CLOSES + k.MS, at=k.LATER),
    "tick at its end": lambda: k.tick("w", "close", k.CLOSES + GRACE),
    "tick later": lambda: k.tick("w", "close", k.LATER + GRACE),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_a_window(name: str) -> None:
    found = table(given_window(*WINDOWS[name]), ON_WINDOWS, window_due)
    assert found == frozen("applications-windows", name, found)


ENTERPRISES: Mapping[str, tuple[Any, ...]] = {
    "nothing": (),
    "verified": (k.VERIFIED,),
    "verified for two accounts": (k.VERIFIED, msgspec.structs.replace(k.VERIFIED, account="b" * 32)),
    "known": k.KNOWN,
    "titled": (*k.KNOWN, k.INNOVATIVE),
    "banned": (*k.KNOWN, k.BANNED),
    "in the pool": (*k.KNOWN, k.IN_POOL, k.DIGITAL),
}
NOTE = an_enterprise.note
ON_ENTERPRISES: Mapping[str, Callable[[], Any]] = {
    "complete": an_enterprise.complete,
    "complete wrongly": lambda: an_enterprise.complete(
        region="1", industry="x", postcode="", capital="1,0", address="", registered_on=date(2030, 1, 1), fax="12"
    ),
    "change": lambda: an_enterprise.change(address="新地址", capital="2000"),
    "change the contact": lambda: an_enterprise.change(contact=k.sealed("contact", 2), fax="025-1234567"),
    "verification": lambda: NOTE(an_enterprise.c.NoteVerification, account="c" * 32, name="新名", credit_code="x"),
    "title": lambda: NOTE(
        an_enterprise.c.NoteTitle, tier="srdi", valid_from=date(2024, 1, 1), valid_to=date(2026, 12, 31), cause="e1"
    ),
    "title extended": lambda: NOTE(
        an_enterprise.c.NoteTitle, tier="innovative", valid_to=date(2029, 12, 31), cause="e2"
    ),
    "title ended": lambda: NOTE(an_enterprise.c.NoteTitleEnd, tier="innovative", reason="取消", cause="e3"),
    "ban": lambda: NOTE(an_enterprise.c.NoteBan, until=date(2028, 2, 28), reason="数据造假", cause="e4"),
    "shorter ban": lambda: NOTE(an_enterprise.c.NoteBan, until=date(2025, 2, 28), reason="数据造假", cause="e5"),
    "digital level": lambda: NOTE(an_enterprise.c.NoteDigitalLevel, result=said.DigitalResult("as2", 3, "61", "ev2")),
    "pool": lambda: NOTE(an_enterprise.c.JoinPool, authority=k.JIANGSU, year=2024, cause="e6"),
    "update": lambda: NOTE(an_enterprise.c.NoteUpdate, year=2024, cause="e7"),
    "region": lambda: NOTE(
        an_enterprise.c.CorrectRegion, region=k.QINHUAI, region_names=("江苏省", "南京市", "秦淮区"), reason="更正"
    ),
}


@pytest.mark.parametrize("name", ENTERPRISES)
def test_an_enterprise(name: str) -> None:
    found = table(given_enterprise(*ENTERPRISES[name]), ON_ENTERPRISES)
    assert found == frozen("applications-enterprises", name, found)
