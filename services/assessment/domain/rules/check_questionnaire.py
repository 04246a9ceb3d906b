"""Checks of a questionnaire: weights add up, options exist, the level table only falls."""

from itertools import pairwise

from services.assessment.domain.rules.check_pack import refuse_twice, require
from services.assessment.domain.rules.form_map import DigitalFormMap
from services.assessment.domain.rules.questionnaire import (
    Dimension,
    Question,
    Questionnaire,
    Scene,
)


def check_questionnaire(form: Questionnaire) -> None:
    ids = [question.id for question in form.questions]
    refuse_twice(ids, "$.questions")
    refuse_twice([*ids, *(scene.id for scene in form.scenes)], "$.scenes")
    require(
        sum(one.weight for one in form.dimensions) == 100,
        "$.dimensions",
        "各维度权重之和应为100",
    )
    for index, dimension in enumerate(form.dimensions):
        check_dimension(dimension, form, f"$.dimensions[{index}]")
    subs = {sub.id for dimension in form.dimensions for sub in dimension.subs}
    for index, question in enumerate(form.questions):
        require(question.sub in subs, f"$.questions[{index}].sub", "没有这一二级维度")
        check_question(question, f"$.questions[{index}]")
    for index, scene in enumerate(form.scenes):
        check_scene(scene, f"$.scenes[{index}]")
    check_levels(form)


def check_dimension(dimension: Dimension, form: Questionnaire, path: str) -> None:
    require(
        sum(sub.share for sub in dimension.subs) == 100,
        f"{path}.subs",
        "二级维度占比之和应为100",
    )
    for index, sub in enumerate(dimension.subs):
        total = sum(question.max for question in form.questions if question.sub == sub.id)
        expected = dimension.weight * sub.share / 100
        require(
            total == expected,
            f"{path}.subs[{index}]",
            f"各题满分之和为{total}，应为{expected}",
        )


def check_question(question: Question, path: str) -> None:
    ids = [option.id for option in question.options]
    refuse_twice(ids, f"{path}.options")
    points = [option.points for option in question.options]
    best = max(points) if question.type == "single" else sum(points)
    require(
        best == question.max,
        f"{path}.max",
        f"选项最高可得{best}，与满分{question.max}不符",
    )
    for index, option in enumerate(question.options):
        place = f"{path}.options[{index}]"
        require(
            all(needed in ids for needed in option.requires),
            f"{place}.requires",
            "没有这一前提选项",
        )
        require(not (option.exclusive and option.points), place, "互斥选项应为0分")


def check_scene(scene: Scene, path: str) -> None:
    require(
        [one.level for one in scene.levels] == list(range(1, len(scene.levels) + 1)),
        path,
        "场景等级应从1起连续",
    )


def check_levels(form: Questionnaire) -> None:
    for index, (higher, lower) in enumerate(pairwise(form.levels)):
        falls = higher.level > lower.level and higher.score > lower.score and higher.scenes >= lower.scenes
        require(falls, f"$.levels[{index + 1}]", "等级表应自高至低排列")
    keys = sum(scene.key for scene in form.scenes)
    for index, row in enumerate(form.levels):
        possible = row.scenes <= len(form.scenes) and row.key_scenes <= keys
        require(possible, f"$.levels[{index}]", "要求的场景数多于场景总数")


def check_form_map(table: DigitalFormMap) -> None:
    refuse_twice([one.prefix for one in table.prefixes], "$.prefixes")
    for index, one in enumerate(table.prefixes):
        require(
            one.prefix.isdigit(),
            f"$.prefixes[{index}].prefix",
            "应为行业代码的前几位数字",
        )
