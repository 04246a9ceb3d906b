"""assess_digital: score per dimension, scenes, level by the table, and what would raise it."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from services.assessment.domain.rules.answers import chosen, scene_level, troubles
from services.assessment.domain.rules.numbers import exact_text, shown, shown_up
from services.assessment.domain.rules.questionnaire import (
    LevelRule,
    Question,
    Questionnaire,
)
from services.assessment.domain.rules.results import (
    DigitalResult,
    DimensionResult,
    LevelRow,
    QuestionResult,
    SceneResult,
)

NONE = Fraction(0)
NO_LEVEL = "未定级"


def assess_digital(form: Questionnaire, answers: Mapping[str, object]) -> DigitalResult:
    """数字化水平评测. `answers`: question → option id or list of them, scene → 0–4.

    Never raises for what may be answered: what cannot be taken is in `troubles`.
    """
    wrong = troubles(form, answers)
    points = {question.id: earned(question, answers.get(question.id)) for question in form.questions}
    scenes = tuple(
        SceneResult(
            id=one.id,
            label=one.label,
            key=one.key,
            level=scene_level(one, answers.get(one.id)),
        )
        for one in form.scenes
    )
    score = sum(points.values(), NONE)
    rows = tuple(row(rule, score, scenes) for rule in form.levels)
    level = next((one for one in rows if one.met), None)
    return DigitalResult(
        questionnaire=form.id,
        level=None if wrong else level.level if level else 0,
        level_name=None if wrong else level.name if level else NO_LEVEL,
        score=exact_text(score),
        score_text=shown(score),
        dimensions=dimensions(form, points),
        questions=tuple(question_result(one, points[one.id], answers.get(one.id)) for one in form.questions),
        scenes=scenes,
        levels=rows,
        missing_for_next=missing_for_next(form.levels, rows, score),
        troubles=wrong,
        uncertain=tuple(one.label for one in form.questions if not one.certain),
    )


def earned(question: Question, answer: object) -> Fraction:
    """Points of the chosen options, at most the question's maximum."""
    return min(question.max, sum((option.points for option in chosen(question, answer)), NONE))


def row(rule: LevelRule, score: Fraction, scenes: Sequence[SceneResult]) -> LevelRow:
    """All three conditions of a row: score, scenes at or above the level, key scenes among them."""
    at_level = [scene for scene in scenes if scene.level >= rule.level]
    keys = sum(scene.key for scene in at_level)
    return LevelRow(
        level=rule.level,
        name=rule.name,
        met=score >= rule.score and len(at_level) >= rule.scenes and keys >= rule.key_scenes,
        score_required=exact_text(rule.score),
        scenes_required=rule.scenes,
        scenes=len(at_level),
        key_scenes_required=rule.key_scenes,
        key_scenes=keys,
    )


def missing_for_next(rules: Sequence[LevelRule], rows: Sequence[LevelRow], score: Fraction) -> tuple[str, ...]:
    """What the next higher row still asks; rows stand from the highest down."""
    reached = next((index for index, one in enumerate(rows) if one.met), len(rows))
    if reached == 0:
        return ()
    rule, next_row = rules[reached - 1], rows[reached - 1]
    words = []
    if score < rule.score:
        words.append(f"距{rule.name}还差{shown_up(rule.score - score)}分")
    if next_row.scenes < rule.scenes:
        words.append(f"还需{rule.scenes - next_row.scenes}个场景达到{rule.name}水平")
    if next_row.key_scenes < rule.key_scenes:
        words.append(f"还需{rule.key_scenes - next_row.key_scenes}个约束性场景（★）达到{rule.name}水平")
    return tuple(words)


def dimensions(form: Questionnaire, points: Mapping[str, Fraction]) -> tuple[DimensionResult, ...]:
    return tuple(
        DimensionResult(
            id=one.id,
            label=one.label,
            max=exact_text(one.weight),
            score=exact_text(sum((points[q.id] for q in form.questions if q.sub in subs), NONE)),
        )
        for one in form.dimensions
        for subs in [{sub.id for sub in one.subs}]
    )


def question_result(question: Question, points: Fraction, answer: object) -> QuestionResult:
    return QuestionResult(
        id=question.id,
        label=question.label,
        chosen=tuple(option.label for option in chosen(question, answer)),
        points=exact_text(points),
        max=exact_text(question.max),
    )
