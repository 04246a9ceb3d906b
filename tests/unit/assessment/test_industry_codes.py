"""Every code of GB/T 4754 gets a clear answer: a row of the size standard or who decides, a questionnaire or the import."""

import csv
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from libs.events.decider import Policies
from services.assessment.domain.digital.questionnaires import assigned_to, questionnaire_for
from services.assessment.domain.digital.refusals import NoQuestionnaire
from services.assessment.domain.policies import SIZE, national, size_from
from services.assessment.domain.size import classify
from services.assessment.domain.size.standard import NotCovered, SizeIndustry, row_of
from services.assessment.shown import questionnaire_shown
from tests.unit.assessment import kit

TABLE = Path(__file__).parents[3] / "services/applications/policy/reference/industries-gbt4754-2017.csv"
IN_FORCE = Policies(kit.POLICIES, kit.NOW)
STANDARD = size_from(national(IN_FORCE, SIZE))
BY_SECTION = {
    "A": {"agri"}, "B": {"industry"}, "C": {"industry"}, "D": {"industry"}, "E": {"construction"},
    "F": {"wholesale", "retail"}, "G": {"transport", "storage", "post", "铁路运输业"}, "H": {"lodging", "catering"},
    "I": {"infotrans", "software"}, "J": {"金融业"}, "K": {"realestate", "property", "other", "房地产租赁经营"},
    "L": {"leasing"}, "M": {"other"}, "N": {"other"}, "O": {"other"}, "P": {"教育"}, "Q": {"other", "卫生"},
    "R": {"other"}, "S": {"公共管理、社会保障和社会组织"}, "T": {"国际组织"},
}  # fmt: skip


@cache
def rows() -> dict[str, dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: row for row in csv.DictReader(lines)}


def section(code: str) -> str:
    above = rows()[code]["parent"]
    return section(above) if above else code


def codes(*levels: str) -> list[str]:
    return [code for code, row in rows().items() if row["level"] in levels]


def test_every_class_has_one_row_or_is_named_as_not_covered() -> None:
    seen: dict[str, set[str]] = {}
    for code in codes("class"):
        row = row_of(STANDARD, code)
        assert isinstance(row, SizeIndustry | NotCovered), code
        seen.setdefault(section(code), set()).add(row.id if isinstance(row, SizeIndustry) else row.label)
    assert seen == BY_SECTION


def test_no_code_of_the_map_is_unknown_to_the_classification() -> None:
    mapped = [code for one in (*STANDARD.industries, *STANDARD.not_covered) for code in one.codes]
    assert set(mapped) <= set(codes("division", "group"))


def test_every_code_is_classed_or_says_why_not() -> None:
    enough: dict[str, object] = {"staff": 50, "revenue": "900", "assets": "900"}
    said = Counter(classify(STANDARD, code, enough).state for code in codes("class"))
    assert said["classified"] + said["not-classifiable"] == 1381 and said["classified"] > 1200
    for code in codes("section", "division", "group", "class"):
        result = classify(STANDARD, code, enough)
        assert (result.size_class is None) == bool(result.reason) == bool(result.way_out), code


def test_every_code_has_a_questionnaire_or_is_told_how_to_import() -> None:
    for code in codes("division", "group", "class"):
        assigned = assigned_to(IN_FORCE, code)
        shown = questionnaire_shown(assigned)
        assert (assigned.form == "manufacturing") == (section(code) == "C"), code
        if assigned.questionnaire is not None:
            assert assigned.form == "manufacturing" and questionnaire_for(assigned).id == "digital@2024-56"
            continue
        with pytest.raises(NoQuestionnaire) as refusal:
            questionnaire_for(assigned)
        assert "导入" in refusal.value.way_out and assigned.label in refusal.value.detail
        assert "导入" in shown["way_out"] and shown["questionnaire"] is None


def test_a_form_that_the_map_only_supposes_says_so() -> None:
    """制造业 is 门类 C; which services are 生产性服务业 has not been published."""
    for code in codes("class"):
        assert questionnaire_shown(assigned_to(IN_FORCE, code))["certain"] == (section(code) == "C"), code
