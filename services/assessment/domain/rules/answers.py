"""Answers to a questionnaire: what was chosen, and what cannot be taken and why."""

from collections.abc import Mapping

from services.assessment.domain.rules.questionnaire import (
    Option,
    Question,
    Questionnaire,
    Scene,
)
from services.assessment.domain.rules.results import Trouble


def chosen(question: Question, answer: object) -> tuple[Option, ...]:
    """The chosen options in the question's order; what does not exist is left out."""
    ids = answer if isinstance(answer, list | tuple) else (answer,)
    return tuple(option for option in question.options if option.id in ids)


def scene_level(scene: Scene, answer: object) -> int:
    """What was answered, where the scene has that level; else 0, which is no level."""
    return answer if type(answer) is int and any(one.level == answer for one in scene.levels) else 0


def troubles(form: Questionnaire, answers: Mapping[str, object]) -> tuple[Trouble, ...]:
    known = {question.id for question in form.questions} | {scene.id for scene in form.scenes}
    found = [trouble(name, "unknown-question", "没有这一题") for name in answers if name not in known]
    for question in form.questions:
        found += question_troubles(question, answers.get(question.id))
    for scene in form.scenes:
        found += scene_troubles(scene, answers.get(scene.id))
    return tuple(found)


def question_troubles(question: Question, answer: object) -> list[Trouble]:
    if answer is None or answer == [] or answer == ():
        return [trouble(question.id, "missing", "尚未作答")]
    ids = list(answer) if isinstance(answer, list | tuple) else [answer]
    if question.type == "single" and (isinstance(answer, list | tuple) or not isinstance(answer, str)):
        return [trouble(question.id, "one-only", "只能选择一项")]
    known = {option.id for option in question.options}
    if any(not isinstance(one, str) or one not in known for one in ids):
        return [trouble(question.id, "unknown-option", "没有这一选项")]
    return option_troubles(question, ids)


def option_troubles(question: Question, ids: list[object]) -> list[Trouble]:
    found = []
    for option in question.options:
        if option.id not in ids:
            continue
        if option.exclusive and ids != [option.id]:
            found.append(trouble(question.id, "exclusive", f"选择“{option.label}”时不能再选其他项"))
        if any(needed not in ids for needed in option.requires):
            found.append(
                trouble(
                    question.id,
                    "presupposes",
                    f"选择“{option.label}”须同时选择其前提各项",
                )
            )
    return found


def scene_troubles(scene: Scene, answer: object) -> list[Trouble]:
    if answer is None:
        return [trouble(scene.id, "missing", "尚未作答")]
    if answer == 0 and answer is not False:
        return []
    return [] if scene_level(scene, answer) else [trouble(scene.id, "unknown-level", "场景等级应为0至4")]


def trouble(field: str, code: str, message: str) -> Trouble:
    return Trouble(field=field, code=code, message=message)
