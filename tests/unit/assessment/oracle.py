"""The law a second time: CSV tables and a few lines of arithmetic, independent of packs and engine."""

import csv
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

LAW = Path(__file__).parent / "law"
Form = Mapping[str, Any]

RATIOS = {
    "rd_share_y1": ("rd_expense_y1", "revenue_y1"),
    "rd_share_y2": ("rd_expense_y2", "revenue_y2"),
    "rd_of_sales": ("rd_expense_y1", "sales_y1"),
    "rd_of_cost": ("rd_expense_y1", "cost_expense_y1"),
    "main_share": ("main_revenue_y1", "revenue_y1"),
    "debt_ratio": ("total_liabilities_y1", "total_assets_y1"),
    "net_profit_share": ("net_profit_y1", "revenue_y1"),
    "rd_staff_share": ("rd_staff", "staff_total"),
    "tech_staff_share": ("tech_staff", "staff_total"),
}
GROWTHS = {
    "main_growth_y1": ("main_revenue_y1", "main_revenue_y2"),
    "main_growth_y2": ("main_revenue_y2", "main_revenue_y3"),
    "revenue_growth_2y": ("revenue_y1", "revenue_y3"),
}


class Answer(NamedTuple):
    gates: dict[str, bool]
    direct: dict[str, bool]
    points: dict[str, Fraction]
    passes: bool


def rows(name: str) -> list[dict[str, str]]:
    with (LAW / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


LADDERS, CASES, CONDITIONS, TOTALS = rows("ladders"), rows("cases"), rows("conditions"), rows("totals")
INHERITS = {row["pack"]: (row["as"], row["but"].split()) for row in rows("inherits")}


def of(table: list[dict[str, str]], pack: str) -> list[dict[str, str]]:
    """A table's rows for a pack, with those of the pack that it is otherwise like."""
    own = [row for row in table if row["pack"] == pack]
    like, but = INHERITS.get(pack, ("", []))
    return own + [row for row in table if row["pack"] == like and row["item"] not in but]


def measure(name: str, form: Form) -> Fraction | None:
    """In per cent for ratios, in 万元, years, persons … for the rest; None where there is no value."""
    if name in RATIOS:
        part, whole = (Fraction(form[field]) for field in RATIOS[name])
        return 100 * part / whole if whole > 0 else None
    if name in GROWTHS:
        now, before = (Fraction(form[field]) for field in GROWTHS[name])
        return 100 * (now - before) / before if before > 0 else None
    if name == "main_growth_mean":
        first, second = measure("main_growth_y1", form), measure("main_growth_y2", form)
        return None if first is None or second is None else (first + second) / 2
    if name in ("rd_sum", "rd_mean"):
        both = Fraction(form["rd_expense_y1"]) + Fraction(form["rd_expense_y2"])
        return both if name == "rd_sum" else both / 2
    return Fraction(form[name])


def holds(row: Mapping[str, str], form: Form, judged: Mapping[str, Decimal]) -> bool:
    name, op, bound = row["measure"], row["op"], row["bound"]
    match op:
        case "is" | "not":
            said = {True: "yes", False: "no"}.get(form.get(name, True), form.get(name))
            return (said == bound) is (op == "is")
        case "has":
            return bound in form[name]
        case "judged":
            return judged[name] == 1
        case "rank<=":
            return 1 <= int(form[name]) <= int(bound)
    value = measure(name, form)
    if value is None:
        return False
    against = Fraction(bound)
    return {">=": value >= against, "<=": value <= against, "<": value < against, ">": value > against}[op]


def steps(row: Mapping[str, str], form: Form) -> Fraction:
    value, points = measure(row["measure"], form), Fraction(row["else"])
    for step in reversed(row["steps"].split()) if value is not None else ():
        bound, worth = step.split(":")
        if value >= int(bound) if row["better"] == "more" else value <= int(bound):
            points = Fraction(worth)
    return points


def law(pack: str, form: Form, judged: Mapping[str, Decimal]) -> Answer:
    points: dict[str, Fraction] = {}
    for row in of(LADDERS, pack):
        points[row["item"]] = max(points.get(row["item"], Fraction(0)), steps(row, form))
    for row in of(CASES, pack):
        if row["item"] not in points and holds(row, form, judged):
            points[row["item"]] = Fraction(row["points"])
    if pack.startswith("srdi@2022"):
        points["S3"] = Fraction(max(0, min(int(form["market_years"]) // 2, 5)))
        iso = {"iso9001", "other_quality"} & set(form["management_certifications"])
        met = [form["quality_award"], bool(iso), form["own_brand"], form["standards_participated"]]
        points["S6"] = Fraction(min(5, 3 * sum(met)))
        points |= {name: Fraction(judged[name]) for name in ("S9", "S9-1", "S9-4") if name in judged}
    decided = {role: conditions(pack, role, form, judged) for role in ("gate", "direct")}
    totals = [row for row in TOTALS if row["pack"] == pack]
    enough = all(sum(points[one] for one in row["items"].split()) >= int(row["at_least"]) for row in totals)
    passes = all(decided["gate"].values()) and (enough or any(decided["direct"].values()))
    return Answer(decided["gate"], decided["direct"], points, passes)


def conditions(pack: str, role: str, form: Form, judged: Mapping[str, Decimal]) -> dict[str, bool]:
    found: dict[str, dict[str, bool]] = {}
    for row in of(CONDITIONS, pack):
        if row["role"] == role:
            alternatives = found.setdefault(row["item"], {})
            before = alternatives.get(row["alternative"], True)
            alternatives[row["alternative"]] = before and holds(row, form, judged)
    return {item: any(alternatives.values()) for item, alternatives in found.items()}
