"""Policy data as shipped: heads, counts, parents, calendars, chains, forms against packs, templates."""

import csv
import importlib
import string
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from libs.events.contracts.base import contract_of
from libs.events.contracts.platform import PolicyPublished
from libs.events.policies import read_policy_file

SERVICES = Path(__file__).parents[2] / "services"
FOLDERS = (
    "applications/policy/reference",
    "applications/policy/forms",
    "applications/policy/prerequisites",
    "review/policy/chains",
    "review/policy/calendars",
    "review/policy/titles",
    "review/policy/reasons",
    "assessment/policy/packs",
    "assessment/policy/overrides",
    "assessment/policy/supplements",
    "assessment/policy/bindings",
    "assessment/policy/digital",
    "assessment/policy/digital_forms",
    "assessment/policy/size",
    "assessment/policy/score_imports",
    "assessment/policy/disputes",
    "notifications/policy/templates",
)
FILES = sorted(path for folder in FOLDERS for path in (SERVICES / folder).glob("*.yaml"))
HEAD = {"kind", "id", "title", "source", "authority", "effective_from", "effective_to", "certain"}
EVIDENCE_TYPES = ["jpg", "jpeg", "png", "doc", "docx", "pdf", "xlsx", "xls", "zip"]
FIELD_TYPES = {"text", "integer", "decimal2", "percent", "boolean", "choice", "multi_choice", "date"}


@cache
def policy(path: str) -> dict[str, Any]:
    return yaml.safe_load((SERVICES / path).read_text(encoding="utf-8"))


def table(path: str) -> list[dict[str, str]]:
    where = SERVICES / path
    with (where.parent / policy(path)["table"]).open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def relative(path: Path) -> str:
    return str(path.relative_to(SERVICES))


DIVISIONS = "applications/policy/reference/divisions-2023.yaml"
INDUSTRIES = "applications/policy/reference/industries-gbt4754-2017.yaml"
FORMS = [relative(path) for path in FILES if path.parent.name == "forms"]
CHAINS = [relative(path) for path in FILES if path.parent.name == "chains"]
CALENDARS = [relative(path) for path in FILES if path.parent.name == "calendars"]
TEMPLATES = [relative(path) for path in FILES if path.parent.name == "templates" and path.stem != "labels"]


@pytest.mark.parametrize("path", [relative(path) for path in FILES])
def test_every_policy_file_has_its_head(path) -> None:
    head = policy(path)
    assert head.keys() >= HEAD
    assert isinstance(head["source"], str) and head["source"]
    assert head["authority"] == "national" or (head["authority"].isdigit() and len(head["authority"]) == 6)
    assert isinstance(head["effective_from"], date) and isinstance(head["certain"], bool)
    assert head["certain"] or any("待核实" in note for note in head["notes"])
    assert (SERVICES / path).stat().st_size < 128 * 1024


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_policy_file_can_be_published_and_read_back(path) -> None:
    text = read_policy_file(path)
    published = PolicyPublished(
        received_at=datetime(2024, 10, 8, tzinfo=UTC),
        sha256=text.sha256,
        **{name: getattr(text, name) for name in text.__struct_fields__},
    )
    assert msgspec.json.decode(msgspec.json.encode(published), type=PolicyPublished) == published


def keys_of(part: object) -> list[object]:
    match part:
        case dict():
            return [*part, *(key for value in part.values() for key in keys_of(value))]
        case list():
            return [key for value in part for key in keys_of(value)]
        case _:
            return []


@pytest.mark.parametrize("path", [relative(path) for path in FILES])
def test_every_key_is_a_text(path) -> None:
    """YAML 1.1 reads on, off, yes and no as truths."""
    assert all(isinstance(key, str) for key in keys_of(policy(path)))


def test_policy_ids_are_unique_per_kind() -> None:
    seen = Counter((policy(relative(path))["kind"], policy(relative(path))["id"]) for path in FILES)
    assert max(seen.values()) == 1


@pytest.mark.parametrize("path", [DIVISIONS, INDUSTRIES])
def test_a_table_has_the_counts_it_says_and_every_parent_exists_one_level_up(path) -> None:
    rows, levels = table(path), list(policy(path)["levels"])
    assert Counter(row["level"] for row in rows) == policy(path)["counts"]
    keys = {(row["level"], row["code"]) for row in rows}
    assert len(keys) == len(rows)
    for row in rows:
        above = levels.index(row["level"]) - 1
        assert (row["parent"] == "") if above < 0 else ((levels[above], row["parent"]) in keys)
        assert row["name"] == row["name"].strip() != ""


def test_jiangsu_and_xiamen_are_as_counted() -> None:
    rows = table(DIVISIONS)
    jiangsu = [row["code"] for row in rows if row["parent"] == "320000"]
    assert len(jiangsu) == 13 and all(len(row["code"]) == 6 for row in rows)
    assert len([row for row in rows if row["level"] == "county" and row["code"].startswith("32")]) == 104
    assert len([row for row in rows if row["parent"] == "350200"]) == 6


def test_a_zone_lies_in_a_known_division_or_is_an_authority() -> None:
    codes = {row["code"] for row in table(DIVISIONS)}
    authorities = {one["code"] for one in policy("applications/policy/reference/authorities-2024.yaml")["authorities"]}
    for zone in policy("applications/policy/reference/zones-2024.yaml")["zones"]:
        base, _, number = zone["code"].partition("z")
        assert len(base) == 6 and len(number) == 2 and number.isdigit()
        assert zone["parent"] in codes | authorities and zone["authority"] in authorities
        assert zone["reviews_as"] in ("county", "city", "province")


def test_there_are_thirty_seven_certifying_authorities() -> None:
    authorities = policy("applications/policy/reference/authorities-2024.yaml")["authorities"]
    kinds = Counter(one["kind"] for one in authorities)
    assert len({one["code"] for one in authorities}) == len(authorities) == 37
    assert (kinds["separate_city"], kinds["corps"]) == (5, 1)
    mobile = [one["phone"] for one in authorities if one["phone"] and one["phone"].startswith("1")]
    assert not mobile
    assert sum(one["phone"] is not None for one in authorities) >= 6


def is_working_day(calendar: dict[str, Any], day: date) -> bool:
    holiday = any(one["from"] <= day <= one["to"] for one in calendar["holidays"])
    return day in calendar["makeup_workdays"] or (day.weekday() < 5 and not holiday)


@pytest.mark.parametrize("path", CALENDARS)
def test_a_calendar_has_the_working_days_it_says(path) -> None:
    calendar = policy(path)
    first = date(calendar["year"], 1, 1)
    days = [first + timedelta(n) for n in range((date(calendar["year"] + 1, 1, 1) - first).days)]
    assert sum(is_working_day(calendar, day) for day in days) == calendar["working_days"]
    assert all(one.weekday() >= 5 and one.year == calendar["year"] for one in calendar["makeup_workdays"])
    assert calendar["provisional"] == (calendar["year"] == 2027)


def test_the_calendars_cover_2024_to_2027() -> None:
    assert sorted(policy(path)["year"] for path in CALENDARS) == [2024, 2025, 2026, 2027]


@pytest.mark.parametrize(
    ("day", "works"),
    [("2024-02-04", True), ("2024-02-09", True), ("2024-02-12", False), ("2024-10-07", False), ("2024-10-12", True),
     ("2025-01-28", False), ("2025-10-08", False), ("2025-10-11", True), ("2026-01-04", True), ("2026-02-23", False),
     ("2026-02-28", True), ("2026-09-20", True), ("2026-10-05", False), ("2027-01-01", True)],
)  # fmt: skip
def test_a_day_of_the_notices(day, works) -> None:
    when = date.fromisoformat(day)
    assert is_working_day(policy(f"review/policy/calendars/calendar-{when.year}.yaml"), when) is works


ORDER = ["county", "city", "province", "ministry"]
BEFORE, AFTER = ["review", "site_check"], ["publicity", "announce", "record"]


@pytest.mark.parametrize("path", CHAINS)
def test_chains_are_well_formed(path) -> None:
    for chain in policy(path)["chains"]:
        levels = [step["level"] for step in chain["steps"]]
        assert levels == sorted(set(levels), key=ORDER.index)
        assert chain["resubmission"] in ("returning_level", "first_level") and chain["correction_days"] is None
        duties = [duty for step in chain["steps"] for duty in step["duties"]]
        assert duties.count("announce") <= 1 and "review" in duties
        for step in chain["steps"]:
            assert step["duties"] == [duty for duty in (*BEFORE, *AFTER) if duty in step["duties"]]
            assert ("publicity" in step["duties"]) == ("publicity" in step)
            assert step.get("publicity", {"days": 1, "working": 1, "first_day_counts": 1}).keys() == {
                "days",
                "working",
                "first_day_counts",
            }


def test_titles_and_reasons_are_well_formed() -> None:
    titles = policy("review/policy/titles/national.yaml")
    assert titles["expiring_notice_days"] == [90, 30, 7]
    years = {one["tier"]: one["years"] for one in titles["tiers"]}
    assert years == {"innovative": 3, "tech": 1, "srdi": 3, "giant": 3, "growth": 3}
    reasons = policy("review/policy/reasons/national.yaml")["reasons"]
    assert len({one["code"] for one in reasons}) == len(reasons)
    assert all(set(one["for"]) <= {"return", "reject"} and one["text"] and one["way_out"] for one in reasons)
    assert [one["code"] for one in reasons if one["unlocks"] == "region"] == ["region-wrong"]


def fields(form: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {field["name"]: field for section in form["sections"] for field in section["fields"]}


@pytest.mark.parametrize("path", FORMS)
def test_forms_are_well_formed(path) -> None:
    form = policy(path)
    named = fields(form)
    assert len(named) == sum(len(section["fields"]) for section in form["sections"])
    for field in named.values():
        assert field["type"] in FIELD_TYPES and field["source"] and field["label"]
        assert field["origin"] in ("profile", "form", "digital", "import")
        assert ("required" in field) != ("required_when" in field)
        assert ("options" in field) == (field["type"] in ("choice", "multi_choice"))
        assert set(field.get("exclusive", [])) <= set(field.get("options", {}))
        assert ("profile" in field) == (field["origin"] == "profile")
        assert field["type"] != "decimal2" or field["unit"] == ("分" if field["origin"] == "import" else "万元")
        assert field["type"] != "percent" or field["unit"] == "%"
    for slot in form["evidence"]:
        assert slot["types"] == EVIDENCE_TYPES and slot["max_mb"] == 20
        assert ("required" in slot) != ("required_when" in slot)
    for part in [*named.values(), *form["evidence"]]:
        if "required_when" in part:
            assert part["required_when"].keys() == {"field", "equals"} and part["required_when"]["field"] in named


def test_names_phones_and_mail_of_persons_are_marked_personal() -> None:
    for path in FORMS:
        personal = {name for name, field in fields(policy(path)).items() if field.get("personal")}
        assert personal == {
            "legal_representative",
            "legal_representative_phone",
            "legal_representative_mobile",
            "contact",
            "contact_phone",
            "contact_mobile",
            "email",
        }


@pytest.mark.parametrize("path", FORMS)
def test_every_input_and_every_evidence_of_a_pack_exists_in_its_form(path) -> None:
    form = policy(path)
    for pack_id in form["packs"]:
        pack = policy(f"assessment/policy/packs/{pack_id.replace('@', '-')}.yaml")
        for name, declared in pack["inputs"].items():
            field = fields(form)[name]
            assert (field["type"], field["origin"], field.get("options"), field.get("unit")) == (
                declared["type"],
                declared["origin"],
                declared.get("options"),
                "%" if declared.get("unit") == "percent" else declared.get("unit"),
            )
        assert set(pack["evidence"]) <= {slot["name"] for slot in form["evidence"]}


def test_prerequisites_use_known_codes_and_packs() -> None:
    known = {one["code"] for one in policy("applications/policy/prerequisites/codes.yaml")["codes"]}
    packs = {policy(relative(path))["id"] for path in FILES if path.parent.name == "packs"}
    for path in ("national", "320000-jiangsu"):
        for rule in policy(f"applications/policy/prerequisites/{path}.yaml")["rules"]:
            assert set(rule["require"]) <= known and set(rule["packs"]) <= packs


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("path", TEMPLATES)
def test_templates_name_only_declared_placeholders(path) -> None:
    declared = set(policy("notifications/policy/templates/labels.yaml")["placeholders"])
    for one in policy(path)["templates"]:
        for part in ("title", "body", "link"):
            assert placeholders(one[part]) <= declared, one["code"]
        assert one["audience"] in ("enterprise", "office") and one["importance"] in ("normal", "high")
        said = contract_of(*one["event"].split("."))
        names_the_office = said is not None and "office" in said.type.__struct_fields__
        assert ("office_step" in one) == (one["audience"] == "office" and not names_the_office)


def test_template_codes_are_unique_and_the_groups_are_those_of_the_manuals() -> None:
    codes = [one["code"] for path in TEMPLATES for one in policy(path)["templates"]]
    assert len(codes) == len(set(codes))
    groups = {policy(path)["group"] for path in TEMPLATES}
    assert groups == {"认定到期", "信息更新", "认定通知", "取消认定", "申报提醒", "审核进度"}


def test_a_template_names_an_event_of_the_published_language() -> None:
    for path in TEMPLATES:
        for one in policy(path)["templates"]:
            service, _, name = one["event"].partition(".")
            struct = getattr(importlib.import_module(f"libs.events.contracts.{service}"), name, None)
            assert (struct is None) == one.get("planned", False), one["event"]
