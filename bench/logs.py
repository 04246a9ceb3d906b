"""A log as `review` writes it, of any size: cases that go up, come back and go up again; the same for the same seed.

Each shard's cases take turns, so that neighbours in the topic are of different documents, as on a busy day. Bodies, headers,
hashes and record batches are made by the product's own code.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from libs.events.codec import encode
from libs.events.contracts import review as r
from libs.events.contracts.base import Event, PolicyPin
from libs.events.contracts.times import instant, time_text
from libs.events.envelope import GENESIS, Commit, StoredEvent, chained
from libs.events.ids import make_id
from libs.events.names import shard_of

SERVICE, TOPIC = "review", "review.events"
BEGINNING = 1_725_240_600_000
ROUTE = tuple(r.Step(level, ("review",)) for level in ("county", "city", "province"))
NAMES = ("江苏省", "南京市", "玄武区")
PIN = PolicyPin("criteria", "national-2024", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
REASONS = (
    r.Reason("material.unclear", "佐证材料不清晰，请重新上传加盖公章的扫描件", "evidence.audit_report", "第七条"),
    r.Reason("figure.mismatch", "研发费用与审计报告不一致，请核对", "answers.rd_expense", "第九条"),
)


@dataclass(frozen=True)
class Log:
    """How large: cases, events of each, shards."""

    cases: int
    each: int = 60
    shards: int = 6
    seed: int = 20240909

    @property
    def events(self) -> int:
        return self.cases * self.each


@dataclass
class _Case:
    enterprise: str
    application: str
    script: Iterator[list[Event]]
    version: int = 0

    @property
    def stream(self) -> str:
        return f"case-{self.enterprise}-{self.application}"


def enterprises(log: Log) -> dict[int, list[str]]:
    """By shard."""
    found: dict[int, list[str]] = {shard: [] for shard in range(log.shards)}
    for n in range(log.cases):
        enterprise = make_id("enterprise", f"bench-{log.seed}-{n}")
        found[shard_of(enterprise, log.shards)].append(enterprise)
    return found


def commits(log: Log, shard: int) -> Iterator[Commit]:
    """One shard's whole log, chained."""
    dice = random.Random(f"{log.seed}/{shard}")
    waiting = [
        _Case(enterprise, application, _script(enterprise, application, log.each, dice))
        for enterprise in enterprises(log)[shard]
        for application in [make_id("entity", f"filing-{enterprise}", "1")]
    ]
    position, previous, n = 1, GENESIS, 0
    while waiting:
        again = []
        for case in waiting:
            events = next(case.script, None)
            if events is None:
                continue
            n += 1
            commit = _commit(case, events, shard, position, n, previous)
            yield commit
            position, previous, case.version = commit.last_position + 1, commit.hash, commit.last_version
            again.append(case)
        waiting = again


def _commit(case: _Case, events: list[Event], shard: int, position: int, n: int, previous: str) -> Commit:
    moment = BEGINNING + 37 * n
    id_ = make_id("command", str(shard), str(n))
    encoded = [encode(SERVICE, event) for event in events]
    return chained(
        Commit(
            id=id_, fingerprint=f"1.{id_}{id_}", envelope=1, source="/tidu/bench/1/review",
            partition_key=case.enterprise, shard=shard, position=position, last_position=position + len(events) - 1,
            stream=case.stream, version=case.version + 1, last_version=case.version + len(events), reads=[],
            recorded_at=time_text(instant(moment)), clock=f"{moment << 16:016x}",
            actor=f"official:{make_id('official', str(n % 400))};role=county_reviewer;authority=320000;region=320102",
            correlation_id=id_, causation_id=id_, traceparent=f"00-{id_}-{id_[:16]}-01",
            events=[StoredEvent(f"{id_}.{i}", type_, body, "") for i, (type_, body) in enumerate(encoded, start=1)],
            previous_hash=previous, hash="",
        )
    )  # fmt: skip


def _script(enterprise: str, application: str, each: int, dice: random.Random) -> Iterator[list[Event]]:
    """A case's commits, `each` events in all: opened, then started, scored, returned, resubmitted; approved now and then."""
    at = BEGINNING + dice.randrange(86_400_000)
    base: dict[str, Any] = {"application": application, "enterprise": enterprise}
    place = {
        "enterprise_name": f"南京梯度示例{enterprise[:4]}精密科技有限公司",
        "authority": "320000",
        "region": "320102",
    }
    yield [
        r.CaseOpened(
            received_at=instant(at), **base, **place, kind="certification", tier="specialized", region_names=NAMES,
            window=make_id("entity", "window"), batch="2024-1", route=ROUTE, resubmission="first_level",
            correction_days=15, submission=make_id("entity", enterprise, "0"), policies=(PIN,),
            filing=f"filing-{enterprise}-certification-specialized-2024",
        )
    ]  # fmt: skip
    said, round_ = 1, 1
    officer = make_id("official", str(dice.randrange(400)))
    while said < each:
        for events in _round(base, place, round_, officer, at + 60_000 * said, dice):
            events = events[: each - said]
            if events:
                yield events
            said += len(events)
        round_ += 1


def _round(
    base: dict[str, Any], place: dict[str, Any], round_: int, officer: str, at: int, dice: random.Random
) -> Iterator[list[Event]]:
    low = dice.randrange(40, 90)
    yield [
        r.ScoreNoted(
            received_at=instant(at), **base, round=round_, verdict="pass" if low > 60 else "fail", low=str(low),
            high=str(low + 5), cause=f"{make_id('entity', str(low))}.1",
        )
    ]  # fmt: skip
    yield [
        r.ReviewStarted(received_at=instant(at + 1_000), **base, **place, level="county", round=round_, officer=officer)
    ]
    yield [
        r.ApplicationReturned(
            received_at=instant(at + 2_000), **base, **place, tier="specialized", level="county", round=round_,
            reasons=REASONS[: 1 + low % 2], unlocked=("evidence.audit_report", "answers.rd_expense"), policies=(PIN,),
        )
    ]  # fmt: skip
    yield [
        r.RoundOpened(
            received_at=instant(at + 3_000), **base, **place, region_names=NAMES, round=round_ + 1, level="county",
            route=ROUTE, changed=("evidence.audit_report",), submission=make_id("entity", str(at)),
        ),
        r.CaseTakenOver(received_at=instant(at + 3_000), **base, level="county", officer=officer, before=""),
    ]  # fmt: skip
