"""What assessment's tests of commands share: policies as shipped, officers, commands with everything filled in."""

from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from libs.events.contracts.actors import Actor, Level, Office
from libs.events.contracts.assessment import ImportedEvidence
from libs.events.contracts.base import Event, PolicyPin, contracts
from libs.events.decider import Policy
from libs.events.ids import entity_id
from libs.events.policies import load_policies
from libs.events.recorded import Recorded
from libs.events.testing.scenario import scenario
from services.assessment.domain import digital, scores
from services.assessment.domain.digital.commands import AssessDigitalLevel, ImportDigitalLevel
from services.assessment.domain.scores.commands import (
    CorrectScore,
    DismissDispute,
    DisputeScore,
    EnterJudgement,
    MoveScore,
    ScoreApplication,
)
from tests import histories as h
from tests.unit.assessment.samples import SRDI

SERVICES = Path(__file__).parents[3] / "services"
CALENDARS = [one for one in load_policies(SERVICES / "review/policy") if one.kind == "calendar"]
POLICIES = (*load_policies(SERVICES / "assessment/policy"), *CALENDARS)
NOW = datetime(2024, 10, 8, 2, 0, tzinfo=UTC)
LATER = datetime(2024, 10, 9, 2, 0, tzinfo=UTC)
BEFORE_THE_QUESTIONNAIRE = datetime(2024, 5, 6, 2, 0, tzinfo=UTC)
ENTERPRISE, CASE = h.ENTERPRISE, h.CASE
SRDI_PACK, MACHINERY, SOFTWARE = "srdi@2022-63", "3484", "6513"
PROOF = ImportedEvidence("结果.pdf", "d" * 64, 2048, "application/pdf", "b" * 32)

given = scenario(digital.decider, POLICIES)
given_score = scenario(scores.decider, POLICIES)

OWNER = Actor("account", "owner1")
APPLICATIONS = Actor("service", "applications")
REGIONS = {"county": h.COUNTY, "city": h.CITY, "province": h.JIANGSU, "ministry": "000000"}


def officer(level: Level, role: str = "reviewer", authority: str = h.JIANGSU, region: str = "") -> Actor:
    return Actor("official", f"{level}1", Office(authority, level, region or REGIONS[level], role))


CITY1, PROVINCE1 = officer("city"), officer("province")


def assess(answers: dict[str, Any], industry: str = MACHINERY, at: datetime = NOW) -> AssessDigitalLevel:
    return AssessDigitalLevel("c" * 32, at, OWNER, ENTERPRISE, industry, answers)


def import_(**changes: Any) -> ImportDigitalLevel:
    command = ImportDigitalLevel(
        "c" * 32, NOW, OWNER, ENTERPRISE, 2, "61.50", "中小企业数字化水平评测平台", date(2024, 9, 30), PROOF
    )
    return msgspec.structs.replace(command, **changes)


def pin_of(id: str) -> PolicyPin:
    return next(one.pin for one in POLICIES if one.id == id)


def submit(round: int = 1, submission: str = "", **changes: Any) -> ScoreApplication:
    command = ScoreApplication(
        "c" * 32,
        NOW,
        APPLICATIONS,
        ENTERPRISE,
        CASE,
        authority=h.JIANGSU,
        region=h.COUNTY,
        round=round,
        submission=submission or f"s{round}.1",
        pack=pin_of(SRDI_PACK),
        answers=dict(SRDI) | {"name": "苏州某精密科技有限公司"},
        digital_level=3,
    )
    return msgspec.structs.replace(command, **changes)


def move(region: str = "320506", at: datetime = LATER) -> MoveScore:
    return MoveScore("c" * 32, at, Actor("service", "review"), ENTERPRISE, CASE, h.JIANGSU, region, "t.1")


def judge(points: str = "12", by: Actor = PROVINCE1, **changes: Any) -> EnterJudgement:
    command = EnterJudgement("c" * 32, LATER, by, ENTERPRISE, CASE, "S9", points, "符合本省特色化指标第3项")
    return msgspec.structs.replace(command, **changes)


def dispute(*indicators: str, at: datetime = LATER, reason: str = "研发费用有误", id: str = "d" * 32) -> DisputeScore:
    return DisputeScore(id, at, OWNER, ENTERPRISE, CASE, indicators or ("S11",), reason)


DISPUTE = entity_id("d" * 32, 1)


def correct(by: Actor = CITY1, dispute: str = DISPUTE, at: datetime = LATER, **answers: Any) -> CorrectScore:
    more = {name: answers.pop(name) for name in ("reason", "current_text") if name in answers}
    command = CorrectScore("e" * 32, at, by, ENTERPRISE, CASE, dispute, answers, False, "经核对审计报告")
    return msgspec.structs.replace(command, **more)


def dismiss(by: Actor = CITY1, dispute: str = DISPUTE, reason: str = "与审计报告一致") -> DismissDispute:
    return DismissDispute("f" * 32, LATER, by, ENTERPRISE, CASE, dispute, reason)


def scored(*commands: Any) -> list[Event]:
    """The history that these commands make, one after another."""
    history: list[Event] = []
    for command in commands or (submit(),):
        history = given_score(*history).when(command).history
    return history


def policy_changed(id: str, **content: Any) -> tuple[Policy, ...]:
    """The shipped policies, with one of them changed, as a text of its own."""
    hash_ = sha256(repr(sorted(content.items())).encode()).hexdigest()
    return tuple(
        msgspec.structs.replace(one, content=dict(one.content) | content, sha256=hash_) if one.id == id else one
        for one in POLICIES
    )


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
        actor=OWNER,
        correlation_id="",
        causation_id="",
        traceparent="",
    )
