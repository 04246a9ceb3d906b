"""Checks of a pack that types cannot say: one way per indicator, sums that add up, references that exist."""

from collections.abc import Iterator

from services.assessment.domain.rules.check_expressions import (
    check_number,
    check_truth,
    check_unit,
    sample_desk,
)
from services.assessment.domain.rules.desk import Desk
from services.assessment.domain.rules.faults import RuleFault
from services.assessment.domain.rules.ladder import NEGATIVE, check_ladder
from services.assessment.domain.rules.pack import Condition, Indicator, Ladder, Pack


def check_pack(pack: Pack) -> None:
    desk = sample_desk(pack)
    refuse_twice([one.id for one in pack.groups], "$.groups")
    refuse_twice([one.id for one in pack.indicators], "$.indicators")
    refuse_twice([one.id for one in (*pack.gates, *pack.direct)], "$.gates")
    refuse_ids_twice(pack)
    for place, conditions in (("gates", pack.gates), ("direct", pack.direct)):
        for index, condition in enumerate(conditions):
            require(
                bool(condition.id and condition.clause),
                f"$.{place}[{index}]",
                "条件须有 id 与条款",
            )
            check_condition(condition, desk, pack, f"$.{place}[{index}]")
    for index, indicator in enumerate(pack.indicators):
        check_indicator(indicator, desk, pack, f"$.indicators[{index}]")
    check_groups(pack)


def refuse_ids_twice(pack: Pack) -> None:
    """Of everything that can be judged, replaced or waived: also of the parts that have an id."""
    seen = {one.id for one in pack.indicators}
    for place, conditions in (("gates", pack.gates), ("direct", pack.direct)):
        for path, condition in identified(conditions, f"$.{place}"):
            require(not condition.id or condition.id not in seen, f"{path}.id", f"编号 {condition.id} 重复")
            seen.add(condition.id)


def identified(conditions: tuple[Condition, ...], path: str) -> Iterator[tuple[str, Condition]]:
    for index, condition in enumerate(conditions):
        place = f"{path}[{index}]"
        yield place, condition
        yield from identified(condition.all, f"{place}.all")
        yield from identified(condition.any, f"{place}.any")


def check_groups(pack: Pack) -> None:
    for index, group in enumerate(pack.groups):
        total = sum(one.max for one in pack.indicators if one.group == group.id)
        require(
            total == group.max,
            f"$.groups[{index}].max",
            f"本类各指标满分之和为{total}，与{group.max}不符",
        )
        require(
            group.floor is None or group.floor <= group.max,
            f"$.groups[{index}].floor",
            "最低得分高于满分",
        )
        require(
            group.floor is None or not group.nonzero,
            f"$.groups[{index}].nonzero",
            "已有最低得分，不必再写得分不得为0",
        )
    if pack.score is not None:
        require(
            pack.score.pass_at <= sum(one.max for one in pack.groups),
            "$.score.pass_at",
            "合格分高于总分",
        )


def check_indicator(indicator: Indicator, desk: Desk, pack: Pack, path: str) -> None:
    require(
        any(group.id == indicator.group for group in pack.groups),
        f"{path}.group",
        "没有这一类指标",
    )
    check_evidence(indicator.evidence, pack, f"{path}.evidence")
    ways = [name for name in ("ladder", "best_of", "cases", "sum", "judgement") if getattr(indicator, name)]
    require(
        len(ways) == 1,
        path,
        "指标须有且只有一种取分方式（ladder、best_of、cases、sum、judgement）",
    )
    for place, ladder in ladders(indicator, path):
        check_ladder(ladder, place)
        check_number(ladder.value, desk, f"{place}.value")
        check_unit(ladder.value, ladder.unit, pack, f"{place}.unit")
        require(
            ladder.steps[0].points == indicator.max,
            f"{place}.steps[0].points",
            "首档得分应等于满分",
        )
    check_cases(indicator, desk, f"{path}.cases")
    check_sum(indicator, desk, f"{path}.sum")


def ladders(indicator: Indicator, path: str) -> Iterator[tuple[str, Ladder]]:
    if indicator.ladder is not None:
        yield f"{path}.ladder", indicator.ladder
    for index, ladder in enumerate(indicator.best_of):
        yield f"{path}.best_of[{index}]", ladder


def check_cases(indicator: Indicator, desk: Desk, path: str) -> None:
    for index, case in enumerate(indicator.cases):
        place, last = f"{path}[{index}]", index == len(indicator.cases) - 1
        require(
            case.otherwise == last == (case.when is None),
            place,
            "只有末项、且末项必须是 otherwise: true",
        )
        if case.when is not None:
            check_truth(case.when, desk, f"{place}.when")
        above = indicator.max if index == 0 else indicator.cases[index - 1].points
        require(
            case.points == above if index == 0 else case.points < above,
            place,
            "首项应为满分，其后逐项降低",
        )
        require(case.points >= 0, place, NEGATIVE)


def check_sum(indicator: Indicator, desk: Desk, path: str) -> None:
    if indicator.sum is None:
        return
    require(indicator.sum.cap == indicator.max, f"{path}.cap", "封顶分应等于满分")
    reachable = sum(item.points for item in indicator.sum.items)
    require(reachable >= indicator.sum.cap, f"{path}.items", "各项之和达不到封顶分")
    for index, item in enumerate(indicator.sum.items):
        check_truth(item.when, desk, f"{path}.items[{index}].when")
        require(item.points >= 0, f"{path}.items[{index}].points", NEGATIVE)


def check_condition(condition: Condition, desk: Desk, pack: Pack, path: str) -> None:
    check_evidence(condition.evidence, pack, f"{path}.evidence")
    ways = [name for name in ("when", "value", "all", "any", "judgement") if getattr(condition, name)]
    require(
        len(ways) == 1,
        path,
        "条件须有且只有一种判断方式（when、value、all、any、judgement）",
    )
    bounded = any(bound is not None for bound in (condition.at_least, condition.at_most, condition.below))
    require(
        bounded == (condition.value is not None) == (condition.unit is not None),
        path,
        "value 须有单位和界限",
    )
    if condition.when is not None:
        check_truth(condition.when, desk, f"{path}.when")
    if condition.value is not None:
        check_number(condition.value, desk, f"{path}.value")
        check_unit(condition.value, condition.unit or "项", pack, f"{path}.unit")
    check_compound(condition, path)
    for place, parts in (("all", condition.all), ("any", condition.any)):
        for index, part in enumerate(parts):
            check_condition(part, desk, pack, f"{path}.{place}[{index}]")


def check_compound(condition: Condition, path: str) -> None:
    if condition.compound_years is None:
        return
    others = condition.at_most is not None or condition.below is not None
    require(
        condition.compound_years > 1 and condition.unit == "percent" and not others,
        f"{path}.compound_years",
        "复合增长率须为两年以上的合计增长，单位为 percent，且只有 at_least",
    )


def check_evidence(slots: tuple[str, ...], pack: Pack, path: str) -> None:
    for index, slot in enumerate(slots):
        require(slot in pack.evidence, f"{path}[{index}]", f"没有名为 {slot} 的佐证材料")


def refuse_twice(ids: list[str], path: str) -> None:
    for index, one in enumerate(ids):
        require(one not in ids[:index], f"{path}[{index}].id", f"编号 {one} 重复")


def require(holds: bool, path: str, message: str) -> None:
    if not holds:
        raise RuleFault(path, message)
