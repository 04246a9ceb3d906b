"""Case 1 replayed from the logs alone: order, causes, states, and any moment of its past."""

from collections import Counter

from deploy.cli.replay import replay_stack
from libs.events.audit.replay import Entry
from libs.events.contracts.base import SERVICES
from tests.e2e.tale import Tale


async def timeline(tale: Tale, as_of: str | None = None) -> list[Entry]:
    return await replay_stack(tale.stack, tale.filing("srdi").application, as_of)


def state_of(entries: list[Entry], prefix: str, field: str) -> object:
    """What the newest entry that changed this field of such a stream left behind."""
    return [e.changed[field] for e in entries if e.stream.startswith(prefix) and field in e.changed][-1]


async def test_one_timeline_from_five_logs(tale: Tale) -> None:
    entries = await timeline(tale)
    counted = Counter(entry.service for entry in entries)
    assert set(counted) == set(SERVICES) and 70 <= len(entries) <= 90, counted
    assert len({entry.id for entry in entries}) == len(entries)
    told = [entry.event.split(".")[1] for entry in entries if entry.service == "review"]
    assert [name for name in told if name in ("ApplicationReturned", "RoundOpened", "TitleGranted")] == [
        "ApplicationReturned",
        "RoundOpened",
        "TitleGranted",
    ]
    assert told.count("LevelApproved") == 3


async def test_the_clock_orders_it_and_every_cause_comes_before_its_effects(tale: Tale) -> None:
    entries = await timeline(tale)
    assert [entry.clock for entry in entries] == sorted(entry.clock for entry in entries)
    place = {entry.id: n for n, entry in enumerate(entries)}
    caused = [(place[e.causation_id], n) for n, e in enumerate(entries) if e.causation_id in place]
    assert len(caused) > 40 and all(cause < effect for cause, effect in caused)
    for stream in {entry.stream for entry in entries}:
        versions = [entry.version for entry in entries if entry.stream == stream]
        assert versions == sorted(set(versions))


async def test_the_state_after_each_step_ends_where_the_case_stands(tale: Tale) -> None:
    entries = await timeline(tale)
    assert all(e.changed for e in entries if e.event.split(".")[1] in ("CaseOpened", "LevelApproved", "TitleGranted"))
    statuses = [e.changed["status"] for e in entries if e.stream.startswith("case-") and "status" in e.changed]
    assert statuses == [
        "waiting", "in_review", "returned", "waiting", "in_review", "waiting", "in_review", "waiting", "in_review",
        "waiting", "listed", "in_notice", "waiting", "listed", "approved",
    ]  # fmt: skip
    case = await tale.case("srdi", "js-province")
    assert (state_of(entries, "case-", "status"), state_of(entries, "case-", "round")) == (
        case["status"],
        case["round"],
    )
    assert state_of(entries, "filing-", "status") == await tale.filing("srdi").status()


async def test_any_moment_of_its_past_shows_the_state_of_then(tale: Tale) -> None:
    filing, entries = tale.filing("srdi"), await timeline(tale)
    for name in ("ReturnNoted", "ReviewStartNoted", "ApprovalNoted"):
        noted = next(e for e in entries if e.event.split(".")[1] == name)
        then = await timeline(tale, noted.recorded_at)
        assert then == [entry for entry in entries if entry.recorded_at <= noted.recorded_at]
        shown = await filing.user.get(f"/applications/filings/{filing.path}", params={"as_of": noted.recorded_at})
        assert shown["status"] == state_of(then, "filing-", "status"), name
        case = await filing.user.get(filing.case, params={"as_of": noted.recorded_at})
        assert case["status"] == state_of(then, "case-", "status"), name


async def test_a_replay_shows_no_personal_value(tale: Tale) -> None:
    text = str(await timeline(tale))
    assert "〔已加密：" in text and "ciphertext" not in text
    assert "13800000001" not in text and "示例法人" not in text
