"""Scores and levels word for word: what an enterprise and an authority read, and what a faulty policy text is told."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from services.assessment.domain.rules import PolicyFault, assess_digital
from services.assessment.policy_text import read_pack, read_questionnaire
from tests.frozen import frozen, plain, table
from tests.unit.assessment import kit as k
from tests.unit.assessment import test_digital as a_form
from tests.unit.assessment import test_pack_loading as a_text
from tests.unit.assessment.samples import innovative, questionnaire, srdi

INNOVATIVE: Mapping[str, dict[str, Any]] = {
    "all there": {},
    "without revenue": {"revenue_y1": ...},
    "no revenue": {"revenue_y1": "0.00"},
    "without research": {"rd_expense_y1": ...},
    "much research": {"rd_expense_y1": "900.00"},
    "little research": {"rd_expense_y1": "10.00"},
    "deep in debt": {"total_liabilities_y1": "3900.00"},
    "no assets": {"total_assets_y1": "0.00"},
    "assets unknown": {"total_assets_y1": ...},
    "shrinking": {"main_revenue_y2": "9000.00"},
    "no turnover before": {"main_revenue_y2": "0.00"},
    "growth unknown": {"main_revenue_y2": ...},
    "an award": {"science_award_3y": True},
    "an honour": {"valid_honours": ["high_tech"]},
    "honours unknown": {"valid_honours": ...},
    "capital": {"new_equity_3y": "600.00"},
    "capital unknown": {"new_equity_3y": ...},
    "large": {"enterprise_size": "大型"},
    "size unknown": {"enterprise_size": ...},
    "dishonest": {"abnormal_or_dishonest": True},
    "honesty unknown": {"abnormal_or_dishonest": ...},
    "no patents": {"ip_class1": 0, "ip_class1_self_developed": 0, "ip_class2": 0},
    "patents unknown": {"ip_class1": ...},
    "class two unknown": {"ip_class2": ...},
    "valuable patents": {"ip_class1_high_value": 3},
    "no new industry": {"strategic_emerging": False},
    "industry unknown": {"strategic_emerging": ...},
    "institution": {"rd_institution_level": "national"},
}
SRDI: Mapping[str, dict[str, Any]] = {
    "all there": {},
    "without a digital level": {"level": None},
    "highest level": {"level": 4},
    "no level": {"level": 0},
    "judged": {"feature": "12.5"},
    "judged at most": {"feature": "15"},
    "judged too high": {"feature": "15.01"},
    "judged below": {"feature": "-1"},
    "young": {"market_years": 1},
    "age unknown": {"market_years": ...},
    "no profit": {"net_profit_y1": "-5.00"},
    "profit unknown": {"net_profit_y1": ...},
    "little research": {"rd_expense_y1": "10.00", "rd_expense_y2": "10.00"},
    "research unknown": {"rd_expense_y1": ...},
    "research before unknown": {"rd_expense_y2": ...},
    "a provincial award": {"provincial_award_rank_3y": 2},
    "a national award": {"national_award_rank_3y": 1},
    "the contest": {"maker_contest_top500_3y": True},
    "contest unknown": {"maker_contest_top500_3y": ...},
    "another field": {"main_product_field": "none"},
    "field unknown": {"main_product_field": ...},
    "quality award": {"quality_award": True},
    "quality unknown": {"quality_award": ...},
    "brand unknown": {"own_brand": ...},
    "no brand": {"own_brand": False, "management_certifications": ["none"]},
    "standards": {"standards_participated": True},
    "standards unknown": {"standards_participated": ..., "own_brand": ...},
    "staff unknown": {"staff_total": ...},
    "no researchers": {"rd_staff": 0},
    "institution unknown": {"rd_institution_level": ...},
    "no institution": {"rd_institution_level": "none"},
    "small": {"revenue_y1": "900.00", "main_revenue_y1": "900.00"},
    "middling": {"revenue_y1": "1500.00", "main_revenue_y1": "1400.00", "new_equity_2y": "2500.00"},
}


def _unlike(result: dict[str, Any], usual: dict[str, Any]) -> dict[str, Any]:
    """What of a result is not as in the usual one: its figures, and of its lists the entries that differ."""
    return {
        name: [one for one in value if one not in usual.get(name, [])] if isinstance(value, list) else value
        for name, value in result.items()
        if value != usual.get(name)
    }


@pytest.mark.parametrize("name", INNOVATIVE)
def test_an_innovative_enterprise(name: str) -> None:
    found = _unlike(plain(innovative(**INNOVATIVE[name])), plain(innovative()) if INNOVATIVE[name] else {})
    assert found == frozen("assessment-innovative", name, found)


@pytest.mark.parametrize("name", SRDI)
def test_a_specialised_enterprise(name: str) -> None:
    found = _unlike(plain(srdi(**SRDI[name])), plain(srdi()) if SRDI[name] else {})
    assert found == frozen("assessment-srdi", name, found)


def test_what_a_faulty_pack_is_told() -> None:
    found = {
        f"{new} ({n})": _fault(read_pack, a_text.INNOVATIVE, old, new)
        for n, (old, new, _) in enumerate(a_text.PACK_FAULTS)
    }
    assert found == frozen("assessment-faults", "innovative", found)


def test_what_a_faulty_pack_of_the_second_tier_is_told() -> None:
    changes = {
        "      cap: 5": "      cap: 4",
        "    judgement: {by: authority": "    cases: []\n    judgement: {by: nobody",
        "    any:\n": "    when: legal_person\n    any:\n",
    }
    found = {new: _fault(read_pack, a_text.SRDI, old, new) for old, new in changes.items()}
    assert found == frozen("assessment-faults", "srdi", found)


def test_what_a_faulty_questionnaire_is_told() -> None:
    changes = {
        "weight: 50": "weight: 40",
        "label: 设备系统, share: 40": "label: 设备系统, share: 41",
        "sub: planning\n": "sub: plans\n",
        "requires: [a, b, c]": "requires: [a, b, x]",
        'points: "1.25"': 'points: "1.5"',
        "{level: 3, name: 三级（集成级）, score: 60": "{level: 3, name: 三级（集成级）, score: 80",
        "{level: 2, name: 二级": "{level: 3, name: 二级",
        "key_scenes: 6}": "key_scenes: 7}",
        "- id: q2\n": "- id: q1\n",
    }
    found = {new: _fault(read_questionnaire, a_text.DIGITAL, old, new) for old, new in changes.items()}
    assert found == frozen("assessment-faults", "questionnaire", found)


def _fault(read: Callable[[str, str], Any], text: str, old: str, new: str) -> str:
    assert old in text, old
    try:
        read(text.replace(old, new, 1), "policy.yaml")
    except PolicyFault as fault:
        return str(fault)
    return "taken"


LEVELS: Mapping[str, Callable[[], Any]] = {
    "best": lambda: a_form.assess(a_form.BEST, a_form.ALL_SCENES),
    "worst": lambda: a_form.assess(a_form.WORST),
    "level three": lambda: a_form.assess(a_form.SCORES[60], a_form.scenes_at(3, 5, 3)),
    "nearly level two": lambda: a_form.assess(a_form.SCORES[40] | a_form.JUST_BELOW, a_form.scenes_at(2, 3, 3)),
    "too few scenes": lambda: a_form.assess(a_form.SCORES[60], a_form.scenes_at(3, 4, 3)),
    "nothing answered": lambda: assess_digital(questionnaire(), {}),
    "all wrong": lambda: assess_digital(
        questionnaire(),
        {"q1": ["none", "a"], "q2": ["a"], "q4": [1], "q5": None, "q9": [], "q99": "a", "scene_finance": 5, "q3": "z"},
    ),
}


@pytest.mark.parametrize("name", LEVELS)
def test_a_digital_level(name: str) -> None:
    found = {"result": [plain(LEVELS[name]())]}
    assert found == frozen("assessment-levels", name, found)


SCORES: Mapping[str, Callable[[], list[Any]]] = {
    "nothing": list,
    "scored": k.scored,
    "judged": lambda: k.scored(k.submit(), k.judge()),
    "declined": lambda: k.scored(k.submit(pack=None)),
    "moved": lambda: k.scored(k.submit(), k.move()),
    "moved before": lambda: k.given_score().when(k.move()).history,
    "second round": lambda: k.scored(k.submit(), k.submit(2)),
    "disputed": lambda: k.scored(k.submit(), k.dispute()),
    "corrected": lambda: k.scored(k.submit(), k.dispute(), k.correct(rd_expense_y1="410.00")),
    "dismissed": lambda: k.scored(k.submit(), k.dispute(), k.dismiss()),
}
ON_SCORES: Mapping[str, Callable[[], Any]] = {
    "score": k.submit,
    "score the next round": lambda: k.submit(2),
    "score without a pack": lambda: k.submit(3, pack=None),
    "move": k.move,
    "judge": lambda: k.judge("9", reason="经复核"),
    "judge the same": k.judge,
    "judge by the county": lambda: k.judge(by=k.officer("county")),
    "judge what is computed": lambda: k.judge(indicator="S1"),
    "judge what is not there": lambda: k.judge(indicator="S99"),
    "judge too high without a reason": lambda: k.judge("16", reason=""),
    "dispute": lambda: k.dispute("S2", id="9" * 32),
    "dispute late": lambda: k.dispute("S2", at=k.NOW + timedelta(days=30)),
    "dispute what is full, without a reason": lambda: k.dispute("S1", reason=""),
    "correct": lambda: k.correct(rd_expense_y1="520.00"),
    "correct by itself": lambda: k.correct(dispute="", rd_expense_y1="520.00"),
    "correct nothing": k.correct,
    "correct wrongly": lambda: k.correct(rd_expense_y1="x"),
    "correct by the county": lambda: k.correct(k.officer("county"), rd_expense_y1="520.00"),
    "dismiss": k.dismiss,
    "dismiss without a reason": lambda: k.dismiss(reason=""),
}


@pytest.mark.parametrize("name", SCORES)
def test_a_score(name: str) -> None:
    found = table(k.given_score(*SCORES[name]()), ON_SCORES)
    assert found == frozen("assessment-scores", name, found)


def assess_all(**changes: Any) -> Any:
    return k.assess({**a_form.NO_SCENES, **a_form.BEST, **changes})


DIGITAL: Mapping[str, Callable[[], list[Any]]] = {
    "nothing": list,
    "assessed": lambda: k.given().when(assess_all()).history,
    "imported": lambda: k.given().when(k.import_()).history,
}
ON_DIGITAL: Mapping[str, Callable[[], Any]] = {
    "assess": assess_all,
    "assess wrongly": lambda: assess_all(q1=["none", "a"]),
    "assess before there was a form": lambda: k.assess(a_form.BEST, at=k.BEFORE_THE_QUESTIONNAIRE),
    "assess without a form": lambda: k.assess(a_form.BEST, k.SOFTWARE),
    "assess without an industry": lambda: k.assess(a_form.BEST, ""),
    "import": k.import_,
    "import the lowest": lambda: k.import_(level=0, score="0"),
    "import the highest": lambda: k.import_(level=4, score="100"),
    "import all wrong": lambda: k.import_(
        level=5, score="100.01", issued_by=" ", issued_on=k.NOW.date() + timedelta(days=1)
    ),
    "import of today": lambda: k.import_(issued_on=date(2024, 10, 8)),
    "import below": lambda: k.import_(level=-1, score="-0.01"),
    "import no number": lambda: k.import_(score="many"),
}


@pytest.mark.parametrize("name", DIGITAL)
def test_a_digital_assessment(name: str) -> None:
    found = table(k.given(*DIGITAL[name]()), ON_DIGITAL)
    assert found == frozen("assessment-digital", name, found)
