"""R1: evaluations of `srdi@2022-63` a second, one core, beside the same ladders as bare arithmetic: the price of explanation.

Both take a form as it is saved (amounts as texts) and give points, conditions and verdict. Ours also tells inputs, the step
reached, what the next one lacks, clause and evidence, and knows what to say where a figure is missing. Every result of every
round is held against the bare one, outside of the measured time; before the rounds a pack with a wrong point must be found.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeVar

import msgspec

import services.assessment
from bench.figures import Figure
from bench.frame import Given, Lost, alternate, bench
from services.assessment.domain.rules import Pack, ScoreResult, evaluate
from services.assessment.policy_text import read_pack

PACK = Path(services.assessment.__file__).parent / "policy/packs/srdi-2022-63.yaml"
REACH = 1_000
PORTION = 100
"""Results held at once: thousands of them would be the garbage collector's work and not the product's."""

T = TypeVar("T")
Step = tuple[int, int]

FIELDS = {"chain_gap": 5, "industrial_base": 3, "none": 0}
LEVELS = (0, 0, 3, 5, 5)
INSTITUTIONS = {"national": 10, "provincial": 8, "city": 4, "below_city": 2, "none": 0}
IP = {"ip_class1_high_value": 10, "ip_class1_self_developed": 8, "ip_class1": 6, "ip_class2": 2}
SYSTEMS = ("iso9001", "other_quality", "iso14001", "none")
AMOUNTS = (
    "revenue_y1", "main_revenue_y1", "main_revenue_y2", "main_revenue_y3", "net_profit_y1", "rd_expense_y1",
    "rd_expense_y2", "total_assets_y1", "total_liabilities_y1", "new_equity_2y",
)  # fmt: skip


class Case(NamedTuple):
    """A complete form, its digital level, and the authority's points for 地方特色指标."""

    form: Mapping[str, Any]
    level: int
    feature: Decimal


class Answer(NamedTuple):
    points: dict[str, int | Decimal]
    total: int | Decimal
    gates: tuple[bool, ...]
    direct: tuple[bool, ...]
    passes: bool


@bench("rules", ids=("R1",), words="a rule pack evaluated and explained against bare arithmetic")
async def run(given: Given) -> list[Figure]:
    pack, random = read_pack(PACK.read_text(encoding="utf-8"), PACK.name), Random(given.seed)
    cases = [made_up(random) for _ in range(given.size("forms", 3_000, 300))]
    wanted = [plain(case) for case in cases]
    must_find_a_wrong_point(pack, cases, wanted)
    cpu: list[float] = []

    async def ours() -> float:
        rate, used = measured(lambda case: score(pack, case), told, cases, wanted)
        cpu.append(used / len(cases) * 1e6)
        return rate

    async def peer() -> float:
        return measured(plain, lambda answer: answer, cases, wanted)[0]

    pairs = await alternate(given, ours, peer)
    return [
        Figure(
            "R1", "srdi@2022-63 evaluated and explained, one core", pairs.ours, "the same arithmetic alone", pairs.peer,
            pairs.ratio, f"≥ {REACH:,}", pairs.ours.median >= REACH, {"CPU µs per evaluation": cpu}, "/s",
        )
    ]  # fmt: skip


def measured(
    act: Callable[[Case], T], read: Callable[[T], Answer], cases: Sequence[Case], wanted: Sequence[Answer]
) -> tuple[float, float]:
    """Cases a second, and CPU seconds of all; raises Lost where a result is not as wanted."""
    seconds = cpu = 0.0
    for first in range(0, len(cases), PORTION):
        portion = cases[first : first + PORTION]
        began, used = time.perf_counter(), time.process_time()
        results = [act(case) for case in portion]
        seconds, cpu = seconds + time.perf_counter() - began, cpu + time.process_time() - used
        for case, result, answer in zip(portion, results, wanted[first : first + PORTION], strict=True):
            if read(result) != answer:
                raise Lost(f"{read(result)} instead of {answer} for {case}")
    return len(cases) / seconds, cpu


def must_find_a_wrong_point(pack: Pack, cases: Sequence[Case], wanted: Sequence[Answer]) -> None:
    """The last indicator's lowest case gives a point more."""
    last = pack.indicators[-1]
    lowest = (*last.cases[:-1], msgspec.structs.replace(last.cases[-1], points=last.cases[-1].points + 1))
    indicators = (*pack.indicators[:-1], msgspec.structs.replace(last, cases=lowest))
    wrong = msgspec.structs.replace(pack, indicators=indicators)
    try:
        measured(lambda case: score(wrong, case), told, cases, wanted)
    except Lost:
        return
    raise Lost("a wrong point was not found")


def score(pack: Pack, case: Case) -> ScoreResult:
    return evaluate(pack, case.form, case.level, {"S9": case.feature})


def told(result: ScoreResult) -> Answer:
    """Of a whole explanation what bare arithmetic knows as well; what is still open there equals nothing."""
    points: dict[str, int | Decimal] = {one.id: Decimal(one.points or "NaN") for one in result.indicators}
    total = Decimal(result.low if result.low == result.high else "NaN")
    gates, direct = (tuple(one.state == "met" for one in part) for part in (result.gates, result.direct))
    return Answer(points, total, gates, direct, result.verdict == "pass")


def plain(case: Case) -> Answer:
    """工信部企业〔2022〕63号, 附件2, in hundredths of 万元."""
    form = case.form
    revenue, main1, main2, main3, profit, spent, spent_before, assets, debts, equity = (
        int(form[name].replace(".", "")) for name in AMOUNTS
    )
    grown = main2 > 0 and main3 > 0
    quality = (
        form["quality_award"],
        "iso9001" in form["management_certifications"] or "other_quality" in form["management_certifications"],
        form["own_brand"],
        form["standards_participated"],
    )
    points: dict[str, int | Decimal] = {
        "S1": share(main1, revenue, (80, 5), (70, 3), (60, 1)),
        "S2": share(
            (main1 - main2) * main3 + (main2 - main3) * main2, 2 * main2 * main3 if grown else 0,
            (10, 10), (8, 8), (6, 6), (4, 4), (0, 2),
        ),
        "S3": max(0, min(form["market_years"] // 2, 5)),
        "S4": FIELDS[form["main_product_field"]],
        "S5": LEVELS[case.level],
        "S6": min(5, 3 * sum(quality)),
        "S7": share(profit, revenue, (10, 10), (8, 8), (6, 6), (4, 4), (2, 2)),
        "S8": next((worth for most, worth in ((50, 5), (60, 3), (70, 1)) if assets > 0 and 100 * debts <= most * assets), 0),
        "S9": case.feature,
        "S10": next((worth for name, worth in IP.items() if form[name] >= 1), 0),
        "S11": max(
            share(spent, 100, (50_000, 10), (40_000, 8), (30_000, 6), (20_000, 4), (10_000, 2)),
            share(spent, revenue, (10, 10), (8, 8), (6, 6), (4, 4), (3, 2)),
        ),
        "S12": share(form["rd_staff"], form["staff_total"], (20, 5), (10, 3), (5, 1)),
        "S13": INSTITUTIONS[form["rd_institution_level"]],
    }  # fmt: skip
    gates = (
        form["legal_person"],
        form["enterprise_size"] != "大型",
        not form["abnormal_or_dishonest"],
        not form["restricted_product"],
        not form["serious_incident_3y"],
        form["market_years"] >= 2,
        spent >= 10_000 and revenue > 0 and 100 * spent >= 3 * revenue,
        revenue >= 100_000 or equity >= 200_000,
    )
    direct = (
        1 <= form["provincial_award_rank_3y"] <= 3 or 1 <= form["national_award_rank_3y"] <= 5,
        spent + spent_before >= 200_000,
        equity >= 600_000,
        form["maker_contest_top500_3y"],
    )
    total = sum(points.values())
    return Answer(points, total, gates, direct, all(gates) and (total >= 60 or any(direct)))


def share(part: int, whole: int, *steps: Step) -> int:
    """Points of the first step, a bound in per cent, that part ÷ whole reaches; none for a whole of zero or less."""
    return next((worth for bound, worth in steps if whole > 0 and 100 * part >= bound * whole), 0)


def made_up(random: Random) -> Case:
    """An enterprise of nobody's; its figures lie on a border of some ladder, a cent beside one, or anywhere."""

    def near(whole: int, *per_cent: int) -> int:
        return whole * random.choice(per_cent) // 100 + random.choice((0, 0, 1, -1))

    def seldom(of: int = 40) -> bool:
        return random.randrange(of) == 0

    revenue = random.choice((0, 99_999, 100_000, 500_000, 1_200_000, random.randrange(3_000_000)))
    main = near(revenue, 55, 60, 70, 80, 95)
    before, assets = near(main, 80, 90, 93, 95, 100, 105), random.choice((0, 400_000, random.randrange(1, 4_000_000)))
    amounts = (
        revenue, main, before, near(before, 90, 94, 100), near(revenue, -3, 2, 4, 6, 8, 10),
        random.choice((near(revenue, 2, 3, 4, 6, 8, 10), near(100, *(n * 10_000 for n in range(1, 6))))),
        random.choice((0, 20_000, 190_000)), assets, near(assets, 40, 50, 60, 70, 90),
        random.choice((0, 0, 0, 199_999, 200_000, 600_000)),
    )  # fmt: skip
    staff = random.choice((0, 40, 100, 200))
    form: dict[str, Any] = dict(zip(AMOUNTS, map(written, amounts), strict=True)) | {
        "legal_person": not seldom(),
        "enterprise_size": "大型" if seldom() else random.choice(("中型", "小型", "微型")),
        **{name: seldom() for name in ("abnormal_or_dishonest", "restricted_product", "serious_incident_3y")},
        **{name: random.random() < 0.4 for name in ("quality_award", "own_brand", "standards_participated")},
        "maker_contest_top500_3y": seldom(),
        "market_years": random.choice((1, 2, 3, 5, 8, 10, 12)),
        "main_product_field": random.choice(tuple(FIELDS)),
        "management_certifications": [random.choice(SYSTEMS)],
        **{name: random.choice((0, 0, 1)) for name in IP},
        "staff_total": staff,
        "rd_staff": near(staff, 4, 5, 10, 20) if staff else 0,
        "rd_institution_level": random.choice(tuple(INSTITUTIONS)),
        "provincial_award_rank_3y": random.choice((0, 0, 0, 3, 4)),
        "national_award_rank_3y": random.choice((0, 0, 0, 5, 6)),
    }
    return Case(form, random.randrange(len(LEVELS)), Decimal(random.choice(("0", "7.5", "12", "15"))))


def written(hundredths: int) -> str:
    return f"{Decimal(hundredths) / 100:.2f}"
