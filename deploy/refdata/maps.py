"""What other files say of industries, places and days: the size map, the questionnaires, calendars, chains."""

from collections.abc import Sequence
from datetime import date, timedelta

from deploy.refdata.files import File, Say
from services.assessment.domain.rules import PolicyFault, digital_form_for
from services.assessment.domain.rules.form_map import DigitalFormMap
from services.assessment.domain.size import SizeStandard
from services.assessment.domain.size.standard import NotCovered, SizeIndustry, row_of
from services.assessment.policy_text import read_form_map, read_size


def size(file: File, industries: File, say: Say) -> str:
    """Every class belongs to one row, or the standard says that it is not covered. Answers in words how many."""
    try:
        standard = read_size(file.path.read_text(encoding="utf-8"), file.path.name)
    except PolicyFault as fault:
        say(str(fault))
        return "not readable"
    known = {row.cells["code"] for row in industries.rows}
    for place, one in _rows(standard):
        for index, code in enumerate(one.codes):
            if code not in known:
                say(file.at(f"{place}.codes[{index}]", f"{code} is no code of {industries.id}"))
    rows = [(row, row_of(standard, row.cells["code"])) for row in industries.rows if row.cells["level"] == "class"]
    for row, found in rows:
        if not isinstance(found, SizeIndustry | NotCovered):
            say(industries.at_row(row, f"{row.cells['code']} {row.cells['name']} has no row in {standard.id}"))
    covered = sum(isinstance(found, SizeIndustry) for _, found in rows)
    return f"{len(standard.industries)} rows; classes: {covered} mapped, {len(rows) - covered} not covered"


def _rows(standard: SizeStandard) -> list[tuple[str, SizeIndustry | NotCovered]]:
    named = [(f"$.industries[{index}]", one) for index, one in enumerate(standard.industries)]
    return [*named, *((f"$.not_covered[{index}]", one) for index, one in enumerate(standard.not_covered))]


def digital_forms(file: File, questionnaires: Sequence[File], industries: File, say: Say) -> str:
    """Prefixes are known codes, questionnaires exist, and every class has a form."""
    try:
        table: DigitalFormMap = read_form_map(file.path.read_text(encoding="utf-8"), file.path.name)
    except PolicyFault as fault:
        say(str(fault))
        return "not readable"
    known = {row.cells["code"] for row in industries.rows}
    for index, one in enumerate(table.prefixes):
        if one.prefix not in known:
            say(file.at(f"$.prefixes[{index}].prefix", f"{one.prefix} is no code of {industries.id}"))
    there = {one.id for one in questionnaires}
    for form, id in table.questionnaires.items():
        if id is not None and id not in there:
            say(file.at(f"$.questionnaires.{form}", f"no such questionnaire: {id}"))
    classes = [row.cells["code"] for row in industries.rows if row.cells["level"] == "class"]
    forms = [digital_form_for(table, code) for code in classes]
    for form in set(forms) - set(table.forms):
        say(file.at("$.forms", f"the form {form} has no name"))
    asked = sum(table.questionnaires.get(form) is not None for form in forms)
    return f"{len(table.prefixes)} prefixes; classes: {asked} with a questionnaire, {len(classes) - asked} import"


def calendar(file: File, say: Say) -> None:
    """As many working days as it says; what is made up for lies on a weekend of its year."""
    head = file.head
    year = head["year"]
    for index, one in enumerate(head["holidays"]):
        if not (one["from"] <= one["to"] and one["from"].year == one["to"].year == year):
            say(file.at(f"$.holidays[{index}]", f"{one['name']} is not in {year}"))
    for index, day in enumerate(head["makeup_workdays"]):
        if day.year != year or day.isoweekday() < 6:
            say(file.at(f"$.makeup_workdays[{index}]", f"{day} is no weekend day of {year}"))
    if head["provisional"] and head["certain"]:
        say(file.at("$.certain", "a provisional calendar is not certain"))
    days = [date(year, 1, 1) + timedelta(n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    off = {day for one in head["holidays"] for day in days if one["from"] <= day <= one["to"]}
    working = sum(day in head["makeup_workdays"] or (day.isoweekday() < 6 and day not in off) for day in days)
    if working != head["working_days"]:
        say(file.at("$.working_days", f"{working} working days, the file says {head['working_days']}"))
