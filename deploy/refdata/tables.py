"""Industries, divisions, zones, authorities and initials: counts, shapes, parents, and who is responsible where."""

import re
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from deploy.refdata.files import File, Row, Say
from libs.events.contracts.actors import covers
from services.applications.domain.checks import phone_fault
from services.applications.domain.search import plain

SHAPES = {
    "section": re.compile(r"[A-Z]"),
    "division": re.compile(r"[0-9]{2}"),
    "group": re.compile(r"[0-9]{3}"),
    "class": re.compile(r"[0-9]{4}"),
    "province": re.compile(r"[0-9]{2}0000"),
    "city": re.compile(r"[0-9]{4}00"),
    "county": re.compile(r"[0-9]{6}"),
}
ZONE = re.compile(r"[0-9]{6}z[0-9]{2}")
REVIEWS_AS = ("county", "city", "province")


def counted(found: Mapping[str, int], expected: Mapping[str, int], file: File, field: str, say: Say) -> None:
    for level in sorted({*found, *expected}):
        if found.get(level, 0) != expected.get(level, 0):
            words = f"{level}: {found.get(level, 0)} rows, the source says {expected.get(level, 0)}"
            say(file.at(field, words))


def tree(file: File, say: Say) -> None:
    """Every row has a known level, a code of its shape, a name, and a parent one level up; no code stands twice."""
    levels = list(file.head["levels"])
    keys = {(row.cells["level"], row.cells["code"]) for row in file.rows}
    seen: dict[tuple[str, str], int] = {}
    for row in file.rows:
        for words in row_faults(row.cells, levels, keys):
            say(file.at_row(row, words))
        first = seen.setdefault((row.cells["level"], row.cells["code"]), row.line)
        if first != row.line:
            say(file.at_row(row, f"{row.cells['code']} stands in line {first} already"))
    counted(Counter(row.cells["level"] for row in file.rows), file.head["counts"], file, "$.counts", say)


def row_faults(cells: Mapping[str, str], levels: list[str], keys: set[tuple[str, str]]) -> list[str]:
    level, code, parent = cells["level"], cells["code"], cells["parent"]
    if level not in levels:
        return [f"no such level: {level}"]
    found = [] if SHAPES[level].fullmatch(code) else [f"{code} is no code of a {level}"]
    if not plain(cells["name"]) or cells["name"] != cells["name"].strip():
        found.append(f"{code} has no proper name")
    above = levels.index(level) - 1
    if above < 0:
        return [*found, f"{code} has a parent"] if parent else found
    if (levels[above], parent) not in keys:
        found.append(f"the parent {parent or '(none)'} of {code} is no {levels[above]}")
    elif above and level in ("group", "class") and not code.startswith(parent):
        found.append(f"{code} does not begin with its parent's code {parent}")
    return found


def amendment(file: File, industries: Mapping[str, File], say: Say) -> None:
    """What the table has and what is known to be missing make what the amendment counts."""
    table = industries.get(str(file.head["amends"]))
    if table is None:
        say(file.at("$.amends", f"no such table: {file.head['amends']}"))
        return
    have = Counter(row.cells["level"] for row in table.rows)
    have.update(file.head["missing"])
    counted(have, file.head["amended"], file, "$.amended", say)
    codes = {row.cells["code"] for row in table.rows}
    for index, code in enumerate(file.head["added"]):
        if str(code) not in codes:
            say(file.at(f"$.added[{index}]", f"{code} is not in {table.id}"))


def authorities(file: File, divisions: File, say: Say) -> None:
    """Every province has one; a city apart names the province around it."""
    listed: list[dict[str, Any]] = file.head["authorities"]
    known = {row.cells["code"]: row for row in divisions.rows if row.cells["level"] in ("province", "city")}
    codes = [one["code"] for one in listed]
    for index, one in enumerate(listed):
        place = f"$.authorities[{index}]"
        if codes.index(one["code"]) != index:
            say(file.at(place, f"{one['code']} stands twice"))
        if one["kind"] not in file.head["kinds"]:
            say(file.at(place, f"no such kind: {one['kind']}"))
        if one["kind"] != "corps" and one["code"] not in known:
            say(file.at(place, f"{one['code']} is no province or city of {divisions.id}"))
        if (one["kind"] == "separate_city") != (one["apart_from"] in codes):
            say(file.at(place, f"{one['code']} is apart from {one['apart_from']}, which does not fit its kind"))
        if one["phone"] and phone_fault(one["phone"]):
            say(file.at(place, f"{one['phone']} is no telephone number"))
    for row in divisions.rows:
        if row.cells["level"] == "province" and row.cells["code"] not in codes:
            say(divisions.at_row(row, f"{row.cells['name']} has no certifying authority"))


def responsible(file: File, divisions: File, say: Say) -> None:
    """Every county lies under exactly one authority."""
    listed = file.head["authorities"]
    for row in divisions.rows:
        if row.cells["level"] == "county" and (count := _over(listed, row)) != 1:
            say(divisions.at_row(row, f"{row.cells['name']} lies under {count} authorities"))


def _over(listed: list[dict[str, Any]], row: Row) -> int:
    over = [one for one in listed if covers(one["code"], row.cells["code"])]
    around = {one["apart_from"] for one in over}
    return sum(one["code"] not in around for one in over)


def zones(file: File, divisions: File, listed: File, say: Say) -> None:
    offices = {one["code"] for one in listed.head["authorities"]}
    places = {row.cells["code"] for row in divisions.rows} | offices
    codes = [zone["code"] for zone in file.head["zones"]]
    for index, zone in enumerate(file.head["zones"]):
        for field, right in (
            ("code", not zone["code"] or (bool(ZONE.fullmatch(zone["code"])) and codes.index(zone["code"]) == index)),
            ("parent", zone["parent"] in places),
            ("authority", zone["authority"] in offices),
            ("reviews_as", zone["reviews_as"] in REVIEWS_AS),
        ):
            if not right:
                say(file.at(f"$.zones[{index}].{field}", f"{field} {zone[field]} of {zone['name']} is not known"))


def initials(file: File, names: Mapping[str, set[str]], say: Say) -> None:
    """`names`: file → names that must be found by initials."""
    letters = file.head["letters"]
    for letter in letters:
        if not re.fullmatch("[a-z]", str(letter)):
            say(file.at(f"$.letters.{letter}", f"{letter} is no letter"))
    known = {character for characters in letters.values() for character in characters}
    for table, texts in names.items():
        lacking = sorted({c for text in texts for c in plain(text) if not c.isascii()} - known)
        if lacking:
            say(file.at("$.letters", f"no initial for {''.join(lacking[:20])} of {table}"))


def gaps(years: list[int]) -> list[int]:
    """Years that are missing between the first and the last."""
    return [year + 1 for year, following in pairwise(sorted(years)) if following != year + 1]
