"""Made-up enterprises: one that meets every pack, and any number that differ from it, mostly at the borders of the law."""

from collections.abc import Callable, Collection
from decimal import Decimal
from random import Random
from typing import Any

Form = dict[str, Any]
Change = Callable[[Random, Form, str, Collection[str]], None]
CENT = Decimal("0.01")

FLAGS = {
    "legal_person": True, "resident_enterprise": True, "abnormal_or_dishonest": False, "restricted_product": False,
    "serious_incident_3y": False, "serious_incident_this_or_last_year": False, "manufacturing_champion": False,
    "control_relation_with_giant": False, "group_giant_like_products": False, "tier1_title_valid": True,
    "srdi_title_valid": True, "strategic_emerging": True, "science_award_3y": False, "maker_contest_top500_3y": False,
    "maker_contest_top50_3y": False, "quality_award": False, "own_brand": True, "standards_participated": True,
    "high_tech_valid": False, "led_standard_5y": False, "developed_country_certification": False, "chain_key_link": True,
}  # fmt: skip
CHOICES = {
    "enterprise_size": ["小型", "中型", "微型", "大型"],
    "main_product_field": ["chain_gap", "industrial_base", "none"],
    "rd_institution_level": ["city", "below_city", "none", "provincial", "national"],
    "product_domain": ["industrial_base", "none"],
}
DOMAINS = {"giant@2022": ["ten_key_industries", "network_power"], "giant@2026": ["upgrading", "emerging", "future"]}
LISTS = {
    "valid_honours": ["none", "high_tech", "tech_demonstration", "ip_advantage", "ip_demonstration"],
    "information_systems": ["design", "manufacturing", "supply_chain", "management", "none"],
    "management_certifications": ["iso9001", "other_quality", "iso14001", "iso45001", "other", "none"],
    "rd_bodies": [
        "technology_centre",
        "research_institute",
        "engineering_centre",
        "academician",
        "postdoctoral",
        "none",
    ],
}
COUNTS = {
    "market_years": (8, [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11]),
    "ip_class1_high_value": (0, [0, 1]),
    "ip_class1_self_developed": (2, [0, 1]),
    "ip_class1": (2, [0, 1]),
    "ip_class2": (4, [0, 1, 2, 3, 5]),
    "ip_class1_with_benefit": (5, [0, 1, 2, 3, 4]),
    "provincial_award_rank_3y": (0, [1, 3, 4, -1]),
    "national_award_rank_3y": (0, [1, 3, 4, 5, 6]),
    "national_award_rank_5y": (0, [1, 3, 4]),
    "market_rank": (0, [1, 3, 4]),
    "market_rank_national": (0, [1, 3, 4, 10, 11]),
    "market_rank_provincial": (0, [1, 3, 4, 10, 11]),
    "local_innovation_items": (2, [0, 1, 3, 6]),
    "staff_total": (200, [0, -1, 100, 500, 501]),
    "rd_staff": (60, [0, 4, 5, 9, 10, 20, 39, 40, 99, 100]),
    "tech_staff": (70, [0, 10, 19, 20, 30, 39, 40, 50, 59, 60]),
}
AMOUNTS = {
    "revenue_y1": (12000, [0, -1, 900, 1000, 1500, 5000, 10000]),
    "revenue_y2": (11000, [0, -1, 1000]),
    "revenue_y3": (10000, [0, -1]),
    "sales_y1": (12000, [0, -1, 20000]),
    "main_revenue_y1": (11500, []),
    "main_revenue_y2": (10500, [0, -1]),
    "main_revenue_y3": (9800, [0, -1]),
    "cost_expense_y1": (9000, [0, -1]),
    "rd_expense_y1": (900, [0, 100, 200, 300, 400, 500, 600, 1000, 1500]),
    "rd_expense_y2": (800, [0, 100, 300, 500, 1500]),
    "net_profit_y1": (1300, [0, -5]),
    "total_assets_y1": (10000, [0, -1, 20000]),
    "total_liabilities_y1": (4500, [0]),
    "new_equity_2y": (0, [2000, 6000, 8000]),
    "new_equity_3y": (0, [500]),
    "development_score_y0": (65, [0, 49, 50, 60]),
    "development_score_y1": (45, [0, 49, 50, 60]),
    "market_share": (15, [0, 9, 10]),
}
SHARES = [
    ("rd_expense_y1", "revenue_y1", [1, 2, 3, 4, 5, 6, 8, 10]),
    ("rd_expense_y2", "revenue_y2", [3, 6]),
    ("rd_expense_y1", "sales_y1", [2, 3, 4, 5, 6]),
    ("rd_expense_y1", "cost_expense_y1", [10, 15, 20, 25, 30]),
    ("main_revenue_y1", "revenue_y1", [50, 55, 60, 70, 80, 90]),
    ("net_profit_y1", "revenue_y1", [2, 4, 6, 8, 10]),
    ("total_liabilities_y1", "total_assets_y1", [50, 55, 60, 70, 75, 80]),
    ("main_revenue_y1", "main_revenue_y2", [95, 100, 104, 105, 106, 108, 110, 115]),
    ("main_revenue_y2", "main_revenue_y3", [100, 104, 105, 108, 110]),
    ("revenue_y1", "revenue_y3", [Decimal("110.25"), 105]),
]
"""A part that is just so many per cent of a whole, a cent more or a cent less."""

OF_IP = ["ip_class1_high_value", "ip_class1_self_developed", "ip_class1", "ip_class2"]
OF_MARKET = ["market_rank_national", "market_rank_provincial"]
JUDGED = {"S9": 15, "S9-1": 4, "S9-4": 3, "P5": 1, "growth-standard": 1}


def good() -> Form:
    """It meets every pack, also those that ask for less revenue growth than it has."""
    form: Form = dict(FLAGS)
    form |= {name: options[0] for name, options in CHOICES.items()}
    form |= {name: options[:1] for name, options in LISTS.items()}
    form |= {name: usual for name, (usual, _) in COUNTS.items()}
    return form | {name: money(usual) for name, (usual, _) in AMOUNTS.items()}


def good_judgements() -> dict[str, Decimal]:
    return {name: Decimal(most) for name, most in JUDGED.items()}


def enterprise(random: Random, pack: str, asked: Collection[str]) -> tuple[Form, int, dict[str, Decimal]]:
    """A form, a digital level from 0 to 4, and judgements; some of the fields asked are not as in the good one."""
    form = good()
    changes: tuple[Change, ...] = (
        standing,
        quality,
        flag,
        choose,
        several,
        count,
        amount,
        amount,
        share,
        share,
        persons,
    )
    match random.randrange(4):
        case 0:
            sized(random, form)
        case 1:
            funded(random, form)
        case 2:
            changes = (standing, choose, count, share, share, share, persons)
    for _ in range(random.choice((0, 1, 2, 3, 5, 8, 12))):
        random.choice(changes)(random, form, pack, asked)
    judged = {name: Decimal(random.choice((0, most // 2, most, most))) for name, most in JUDGED.items()}
    return form, random.randrange(5), judged


def sized(random: Random, form: Form) -> None:
    """An enterprise of another size, alike in its shares; its research at a border of its own."""
    revenue = Decimal(random.choice((900, 1000, 1500, 3000, 5000, 10000))) + near(random)
    main = revenue * 95 / 100
    form |= {"revenue_y1": money(revenue), "sales_y1": money(revenue), "main_revenue_y1": money(main)}
    form |= {"main_revenue_y2": money(main * 94 / 100), "main_revenue_y3": money(main * 88 / 100)}
    form |= {"revenue_y2": money(revenue), "revenue_y3": money(revenue * 88 / 100)}
    form |= {"net_profit_y1": money(revenue / 10), "cost_expense_y1": money(revenue * 80 / 100)}
    form["new_equity_2y"] = money(random.choice((0, 2000, 6000)) + near(random))
    for year in ("rd_expense_y1", "rd_expense_y2"):
        spent = random.choice((100, 200, 1000, *(revenue * n / 100 for n in (3, 4, 6, 8, 10, 20))))
        form[year] = money(spent + near(random))


def funded(random: Random, form: Form) -> None:
    """A small one that lives on equity and research."""
    sized(random, form)
    revenue = Decimal(random.choice((3000, 5000))) + near(random)
    form |= {"revenue_y1": money(revenue), "main_revenue_y1": money(revenue * 95 / 100)}
    form |= {"new_equity_2y": money(8000 + near(random)), "rd_expense_y1": money(1500 + near(random))}
    form |= {"rd_expense_y2": "1500.00", "staff_total": 200, "rd_staff": 100 + random.choice((0, 0, 1, -1))}


def one_of(random: Random, names: Collection[str], asked: Collection[str]) -> str:
    return random.choice(sorted(set(names) & set(asked)) or sorted(names))


def standing(random: Random, form: Form, pack: str, asked: Collection[str]) -> None:
    """Intellectual property or a place in the market from nothing up to some class."""
    form |= dict.fromkeys(random.choice((OF_IP[:3], OF_IP)), 0)
    form |= {"market_share": money(random.choice((5, 10))), random.choice(OF_MARKET): random.choice((0, 3, 4, 10, 11))}


def quality(random: Random, form: Form, pack: str, asked: Collection[str]) -> None:
    form |= {name: random.random() < 0.4 for name in ("quality_award", "own_brand", "standards_participated")}
    form["management_certifications"] = [random.choice(("none", "iso14001", "iso9001", "other_quality"))]


def flag(random: Random, form: Form, pack: str, asked: Collection[str]) -> None:
    name = one_of(random, FLAGS, asked)
    form[name] = not form[name]


def choose(random: Random, form: Form, pack: str, asked: Collection[str]) -> None:
    name = one_of(random, CHOICES, asked)
    form[name] = random.choice(CHOICES[name] + (DOMAINS.get(pack[:10], []) if name == "product_domain" else []))


def several(random: Random, form: Form, pack: str, asked: Collection[str]) -> None:
    name = one_of(random, LISTS, asked)
    form[name] = random.sample(LISTS[name], random.randrange(1, 3))


def count(random: Random, form: Form, pack: str, asked: Collection[str]) -> None:
    name = one_of(random, COUNTS, asked)
    form[name] = random.choice(COUNTS[name][1])


def amount(random: Random, form: Form, pack: str, asked: Collection[str]) -> None:
    name = one_of(random, AMOUNTS, asked)
    usual, borders = AMOUNTS[name]
    form[name] = money(random.choice([*borders, *borders, usual, random.randrange(20000)]) + near(random))


def share(random: Random, form: Form, pack: str, asked: Collection[str]) -> None:
    part, whole, borders = random.choice([one for one in SHARES if {*one[:2]} <= set(asked)] or SHARES)
    form[part] = money(Decimal(form[whole]) * random.choice(borders) / 100 + near(random))


def persons(random: Random, form: Form, pack: str, asked: Collection[str]) -> None:
    part, borders = random.choice((("rd_staff", (5, 10, 20, 50)), ("tech_staff", (10, 15, 20, 25, 30))))
    form[part] = form["staff_total"] * random.choice(borders) // 100 + random.choice((0, 0, 1, -1))


def near(random: Random) -> Decimal:
    return random.choice((Decimal(0), Decimal(0), CENT, -CENT))


def money(value: Decimal | int) -> str:
    return str(Decimal(value).quantize(CENT))
