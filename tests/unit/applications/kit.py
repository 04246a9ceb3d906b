"""What the tests of `applications` share: the policies as shipped, one Jiangsu enterprise, its windows and filings."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from libs.events.contracts import applications as said
from libs.events.contracts.actors import Actor, Level, Office
from libs.events.contracts.applications import DigitalResult, Evidence, Value
from libs.events.contracts.base import Event, Personal, PolicyPin
from libs.events.contracts.review import Reason
from libs.events.decider import Command, Facts, Policies, Tick
from libs.events.ids import enterprise_id, entity_id
from libs.events.policies import load_policies
from libs.events.testing.scenario import scenario
from services.applications.domain import enterprises, filings, windows
from services.applications.domain.enterprises.commands import Basics
from services.applications.domain.filings.commands import SubmitApplication
from services.applications.domain.forms import form_from
from services.applications.domain.streams import enterprise_stream, filing_stream, window_stream

SERVICES = Path(__file__).parents[3] / "services"
RULES = [one for one in load_policies(SERVICES / "assessment/policy") if one.kind in ("pack", "bindings")]
PACKS = {one.id: one for one in RULES if one.kind == "pack"}
BINDINGS = {one.authority: one for one in RULES if one.kind == "bindings"}
POLICIES = (*load_policies(SERVICES / "applications/policy"), *RULES)
FORMS = {policy.id: policy for policy in POLICIES if policy.kind == "form"}

given_enterprise = scenario(enterprises.decider, POLICIES)
given_window = scenario(windows.decider, POLICIES)
given_filing = scenario(filings.decider, POLICIES)

MS = timedelta(milliseconds=1)
OPENS = datetime(2024, 4, 1, 1, 0, tzinfo=UTC)
CLOSES = datetime(2024, 4, 30, 15, 59, 59, 999000, tzinfo=UTC)
INSIDE = datetime(2024, 4, 10, 2, 0, tzinfo=UTC)
EARLIER = datetime(2024, 3, 1, 2, 0, tzinfo=UTC)
LATER = datetime(2024, 5, 20, 2, 0, tzinfo=UTC)

JIANGSU, XUANWU, QINHUAI, XIAMEN, SIMING, TORCH = "320000", "320102", "320104", "350200", "350203", "350200z01"
CREDIT_CODE = "91320102MA1N0P2Q3R"
ENTERPRISE = enterprise_id(CREDIT_CODE)
ACCOUNT = "a" * 32
ENTERPRISE_ACTOR, REVIEW = Actor("account", ACCOUNT), Actor("service", "review")


def manager(authority: str = JIANGSU, region: str = "", level: Level = "province") -> Actor:
    return Actor("official", "m1", Office(authority, level, region or authority, "window_manager"))


MANAGER = manager()
CONTACT = {"name": "江苏省工业和信息化厅", "phone": "025-12345678"}


def head(at: datetime = INSIDE, actor: Actor = ENTERPRISE_ACTOR, id: str = "c" * 32) -> Any:
    return {"id": id, "received_at": at, "actor": actor}


def sealed(label: str, n: int = 1) -> Personal[str]:
    return Personal(1, f"subject{n}", "key", label, "nonce", f"cipher{n}")


BASICS = Basics(
    authority=JIANGSU,
    region=XUANWU,
    address="玄武大道 1 号",
    postcode="210000",
    industry="3983",
    segment="传感器",
    product="压力传感器",
    registered_on=date(2015, 6, 1),
    capital="1000",
    size="小型",
    legal_representative=sealed("legal_representative"),
    contact=sealed("contact"),
    contact_mobile=sealed("contact_mobile"),
    email=sealed("email"),
)


def basics(**changes: Any) -> Basics:
    return msgspec.structs.replace(BASICS, **changes)


VERIFIED = said.VerificationNoted(EARLIER, ENTERPRISE, ACCOUNT, "南京测试传感器有限公司", CREDIT_CODE)


def completed(**changes: Any) -> said.ProfileCompleted:
    from services.applications.domain.enterprises.profile import profile_of

    state = enterprises.decider.fold([VERIFIED])
    profile = profile_of(basics(**changes), state, Policies(POLICIES, INSIDE))
    return said.ProfileCompleted(EARLIER, ENTERPRISE, ACCOUNT, profile)


COMPLETED = completed()
KNOWN: tuple[Event, ...] = (VERIFIED, COMPLETED)

DIGITAL = said.DigitalLevelNoted(EARLIER, ENTERPRISE, DigitalResult("as1", 2, "55.00", "ev1"))
IN_POOL = said.PoolJoined(EARLIER, ENTERPRISE, JIANGSU, 2024, "cause")
INNOVATIVE = said.TitleNoted(EARLIER, ENTERPRISE, "innovative", date(2024, 3, 1), date(2027, 2, 28), "cause")
BANNED = said.BanNoted(EARLIER, ENTERPRISE, date(2027, 2, 28), "数据造假", "cause")


def window_opened(kind: str = "declaration", tier: str | None = "innovative", **changes: Any) -> said.WindowOpened:
    forms = {"innovative": "innovative-2022", "srdi": "jiangsu-srdi-2022", None: "jiangsu-pool"}
    form = FORMS[forms[tier]]
    window = said.WindowOpened(
        EARLIER,
        window="w1",
        authority=JIANGSU,
        kind=kind,  # type: ignore[arg-type]
        tier=tier,
        batch="2024-1",
        title="2024年度第一批",
        regions=(JIANGSU,),
        opens=OPENS,
        closes=CLOSES,
        form=form.pin,
        pack=PACKS["innovative@2022-63"].pin if tier == "innovative" else None,
        prerequisites=("prior-title:innovative", "pool-member", "digital-assessment") if tier == "srdi" else (),
        contact=CONTACT,
    )
    return msgspec.structs.replace(window, **changes)


def extended(closes: datetime, at: datetime = LATER) -> said.WindowExtended:
    return said.WindowExtended(at, "w1", closes, "系统故障")


def reads(enterprise: tuple[Event, ...] = KNOWN, window: tuple[Event, ...] | None = None) -> dict[str, Any]:
    events = (window_opened(),) if window is None else window
    return {
        enterprise_stream(ENTERPRISE): enterprises.decider.fold(enterprise),
        window_stream(JIANGSU, "w1"): windows.decider.fold(events),
    }


def answers_for(form: str) -> dict[str, Value]:
    """A right answer to every field that the enterprise fills."""
    found: dict[str, Value] = {}
    for field in form_from(FORMS[form]).fields:
        if field.origin in ("form", "import"):
            agreed = field.name in ("commitment", "legal_person")
            found[field.name] = agreed if field.type == "boolean" else _answer(field.type, field.options)
    return found


def _answer(type_: str, options: Mapping[str, str]) -> Value:
    match type_:
        case "integer":
            return 5
        case "decimal2" | "percent":
            return "50.00"
        case "choice":
            return next(iter(options))
        case "multi_choice":
            return [next(iter(options))]
        case "date":
            return "2020-01-31"
        case _:
            return "说明"


def file(slot: str, digest: str = "1") -> Evidence:
    return Evidence(slot, f"{slot}.pdf", digest * 64, 1000, "application/pdf", "blob")


def evidence_for(form: str) -> tuple[Evidence, ...]:
    return tuple(file(slot.name) for slot in form_from(FORMS[form]).evidence)


def submit(tier: str | None = "innovative", kind: str = "declaration", **changes: Any) -> SubmitApplication:
    form = {"innovative": "innovative-2022", "srdi": "jiangsu-srdi-2022", None: "jiangsu-pool"}[tier]
    at = changes.pop("at", INSIDE)
    command = SubmitApplication(
        **head(at),
        enterprise=ENTERPRISE,
        kind=kind,  # type: ignore[arg-type]
        tier=tier,
        window="w1",
        authority=JIANGSU,
        account=ACCOUNT,
        region=XUANWU,
        draft_version=3,
        answers=answers_for(form),
        personal={},
        personal_faults={},
        evidence=evidence_for(form),
    )
    return msgspec.structs.replace(command, **changes)


FILING = filing_stream(ENTERPRISE, "declaration", "innovative", "w1")
APPLICATION = entity_id(FILING, 1)


def submitted(**changes: Any) -> said.ApplicationSubmitted:
    """The event of `submit()`."""
    facts = Facts(reads(), Policies(POLICIES, INSIDE))
    [event] = filings.decider.decide(submit(), filings.decider.initial(), facts)
    assert isinstance(event, said.ApplicationSubmitted)
    return msgspec.structs.replace(event, **changes)


SUBMITTED = submitted()
REASON = Reason("wrong-figure", "与审计报告不一致", "revenue_y1", "附件1")


def started(round_: int = 1, level: str = "county") -> said.ReviewStartNoted:
    return said.ReviewStartNoted(INSIDE, APPLICATION, ENTERPRISE, level, "cause")


def returned(
    *unlocked: str, region: bool = False, deadline: datetime | None = None, round_: int = 1
) -> said.ReturnNoted:
    return said.ReturnNoted(
        INSIDE, APPLICATION, ENTERPRISE, round_, "county", unlocked, region, "cause", deadline, (REASON,)
    )


ASKED = said.WithdrawalRequested(INSIDE, APPLICATION, ENTERPRISE, 1)
WITHDRAWN = said.ApplicationWithdrawn(INSIDE, APPLICATION, ENTERPRISE, 1, "cause", CLOSES)


def about(at: datetime = INSIDE, **more: Any) -> Any:
    """The first fields of a command about the one application."""
    return {**head(at), "filing": FILING, "application": APPLICATION, **more}


def windowed(at: datetime = INSIDE, **more: Any) -> Any:
    return about(at, authority=JIANGSU, window="w1", **more)


def tick(stream: str, kind: str, at: datetime) -> Tick:
    return Tick(**head(at), target=stream, kind=kind, due=at)


def pin() -> PolicyPin:
    return FORMS["innovative-2022"].pin


def codes(refusal: Any) -> set[str]:
    return {one.code for one in getattr(refusal, "refusals", [refusal])}


ALL: tuple[type[Command], ...] = (
    *enterprises.decider.commands,
    *windows.decider.commands,
    *filings.decider.commands,
)
