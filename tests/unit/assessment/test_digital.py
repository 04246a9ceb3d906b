"""The 2024 questionnaire for manufacturing: points, exclusive 无, presupposed answers, scenes, and the level table."""

from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assessment.domain.rules import DigitalResult, assess_digital, digital_form_for
from services.assessment.domain.rules.questionnaire import Question
from services.assessment.policy_text import read_form_map
from tests.unit.assessment.samples import POLICY, questionnaire

KEYS = [scene.id for scene in questionnaire().scenes if scene.key]
PLAIN = [scene.id for scene in questionnaire().scenes if not scene.key]


def best_of(question: Question) -> object:
    if question.type == "multi":
        return [option.id for option in question.options if not option.exclusive]
    return max(question.options, key=lambda option: option.points).id


BEST = {one.id: best_of(one) for one in questionnaire().questions}
WORST = {one.id: ["none"] if one.type == "multi" else one.options[0].id for one in questionnaire().questions}
ALL_SCENES = {scene.id: 4 for scene in questionnaire().scenes}
NO_SCENES = dict.fromkeys(ALL_SCENES, 0)


def pick(*questions: str) -> dict[str, object]:
    """The best answer to these questions, the worst to all others."""
    return WORST | {name: BEST[name] for name in questions}


SCORES = {
    20: pick("q1", "q2", "q3"),
    40: pick("q1", "q2", "q3", "q5", "q6", "q7"),
    60: pick("q1", "q2", "q3", "q5", "q6", "q7", "q12", "q13", "q14", "q15"),
    80: pick(*(f"q{number}" for number in range(1, 12))),
}
JUST_BELOW = {"q3": "d"}


def assess(answers: Mapping[str, object], scenes: dict[str, int] | None = None) -> DigitalResult:
    return assess_digital(questionnaire(), {**NO_SCENES, **(scenes or {}), **answers})


def scenes_at(level: int, keys: int, plain: int) -> dict[str, int]:
    return dict.fromkeys((*KEYS[:keys], *PLAIN[:plain]), level)


def test_the_best_answers_make_one_hundred_and_level_four() -> None:
    result = assess(BEST, ALL_SCENES)
    assert (result.score, result.level, result.level_name, result.missing_for_next) == ("100", 4, "四级（协同级）", ())
    assert {one.id: one.score for one in result.dimensions} == {"foundation": "50", "management": "30", "results": "20"}


def test_the_worst_answers_make_nothing_and_no_level() -> None:
    result = assess(WORST)
    assert (result.score, result.level, result.level_name) == ("0", 0, "未定级")


# 等级表: score, scenes at or above the level, key scenes (★) among them.
@pytest.mark.parametrize(
    ("score", "level", "keys", "plain"), [(80, 4, 6, 4), (60, 3, 5, 3), (40, 2, 3, 3), (20, 1, 3, 3)]
)
def test_a_level_needs_its_score_its_scenes_and_its_key_scenes(score, level, keys, plain) -> None:
    exactly = assess(SCORES[score], scenes_at(level, keys, plain))
    assert (Fraction(exactly.score), exactly.level) == (score, level)
    assert assess(SCORES[score] | JUST_BELOW, scenes_at(level, keys, plain)).level == level - 1
    assert assess(SCORES[score], scenes_at(level, keys, plain - 1)).level != level
    assert assess(SCORES[score], scenes_at(level, keys - 1, plain + 1)).level != level


def test_a_high_score_with_scenes_at_level_one_is_level_one() -> None:
    assert assess(SCORES[80], dict.fromkeys(ALL_SCENES, 1)).level == 1


def test_what_would_raise_the_level_is_said() -> None:
    result = assess(SCORES[40] | JUST_BELOW, scenes_at(2, 3, 3))
    assert result.level == 1
    assert result.missing_for_next == ("距二级（规范级）还差1.5分",)
    assert assess(SCORES[60], scenes_at(3, 4, 3)).missing_for_next == (
        "还需1个场景达到三级（集成级）水平",
        "还需1个约束性场景（★）达到三级（集成级）水平",
    )


def test_fourteen_links_make_exactly_ten_and_one_is_five_sevenths() -> None:
    links = [option.id for option in questionnaire().questions[3].options if not option.exclusive]
    assert assess(WORST | {"q4": links}).score == "10"
    assert (assess(WORST | {"q4": links[:1]}).score, assess(WORST | {"q4": links[:1]}).score_text) == ("5/7", "0.7143")


@pytest.mark.parametrize(
    ("answers", "field", "code"),
    [
        ({"q1": ["none", "a"]}, "q1", "exclusive"),
        ({"q1": ["a", "d"]}, "q1", "presupposes"),
        ({"q2": "z"}, "q2", "unknown-option"),
        ({"q2": ["a"]}, "q2", "one-only"),
        ({"q4": [1]}, "q4", "unknown-option"),
        ({"q5": None}, "q5", "missing"),
        ({"q9": []}, "q9", "missing"),
        ({"q99": "a"}, "q99", "unknown-question"),
        ({"scene_finance": 5}, "scene_finance", "unknown-level"),
        ({"scene_finance": -1}, "scene_finance", "unknown-level"),
        ({"scene_finance": True}, "scene_finance", "unknown-level"),
        ({"scene_finance": "3"}, "scene_finance", "unknown-level"),
        ({"scene_finance": None}, "scene_finance", "missing"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_named_and_gives_no_level(answers, field, code) -> None:
    result = assess(BEST | answers)
    assert (field, code) in [(one.field, one.code) for one in result.troubles]
    assert result.level is None


def test_d_of_the_first_question_with_all_it_presupposes_is_taken() -> None:
    assert assess(WORST | {"q1": ["a", "b", "c", "d"]}).troubles == ()


wild = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3), st.lists(st.sampled_from("abcdefnone")))


@given(st.dictionaries(st.sampled_from([*BEST, *ALL_SCENES, "other"]), wild))
def test_whatever_is_answered_the_score_stays_between_nothing_and_one_hundred(answers) -> None:
    assert 0 <= Fraction(assess_digital(questionnaire(), answers).score) <= 100


@given(st.sampled_from(list(ALL_SCENES)), st.integers(0, 3), st.sampled_from([20, 40, 60, 80]))
def test_raising_one_scene_never_lowers_the_level(scene, level, score) -> None:
    scenes = dict.fromkeys(ALL_SCENES, level)
    before, after = assess(SCORES[score], scenes), assess(SCORES[score], scenes | {scene: level + 1})
    assert before.level is not None and after.level is not None and after.level >= before.level


@pytest.mark.parametrize(
    ("industry", "form"),
    [
        ("1311", "manufacturing"),
        ("4390", "manufacturing"),
        ("4411", "other"),
        ("6511", "producer_services"),
        ("5411", "other"),
        ("5431", "producer_services"),
        ("0111", "other"),
    ],
)
def test_an_industry_chooses_its_questionnaire(industry, form) -> None:
    path = POLICY / "digital_forms" / "national.yaml"
    table = read_form_map(path.read_text(encoding="utf-8"), path.name)
    assert digital_form_for(table, industry) == form
    assert (table.questionnaires[form] is not None) == (form == "manufacturing")
