"""Checks of overrides, supplements and bindings on their own; what they say of a pack is checked where it is applied."""

from datetime import date

from services.assessment.domain.rules.amendments import Binding, Bindings, Change, Override, Supplement
from services.assessment.domain.rules.check_pack import refuse_twice, require


def check_override(override: Override) -> None:
    require(bool(override.packs), "$.packs", "须写明调整哪些标准")
    require(bool(override.kinds), "$.kinds", "须写明适用哪些业务")
    require(bool(override.changes), "$.changes", "没有任何调整")
    years = override.window_years
    require(years.last is None or years.first <= years.last, "$.window_years", "起止年份颠倒")
    for index, change in enumerate(override.changes):
        check_change(change, f"$.changes[{index}]")


def check_change(change: Change, path: str) -> None:
    acts = [name for name in ("waive", "replace", "add") if getattr(change, name) is not None]
    require(len(acts) == 1, path, "每项调整须有且只有一种（waive、replace、add）")
    parts = [part for part in (change.condition, change.indicator) if part is not None]
    require(len(parts) == (0 if change.waive else 1), path, "replace 须有 condition 或 indicator 之一，waive 不得有")
    require(change.add is None or change.condition is not None, path, "add 只用于条件（condition）")
    if change.replace is not None:
        require(parts[0].id == change.replace, path, f"替换后的编号应仍为 {change.replace}")


def check_supplement(supplement: Supplement) -> None:
    require(bool(supplement.replaces), "$.replaces", "须写明替换哪些指标")
    require(bool(supplement.indicators), "$.indicators", "没有任何指标")
    refuse_twice([one.id for one in supplement.indicators], "$.indicators")


def check_bindings(table: Bindings) -> None:
    for index, row in enumerate(table.bindings):
        path = f"$.bindings[{index}]"
        require(row.opens_to is None or row.opens_from <= row.opens_to, f"{path}.opens_to", "起止日期颠倒")
        for before in table.bindings[:index]:
            require(not overlap(before, row), path, f"与 {before.pack} 的适用时间重叠")


def overlap(one: Binding, other: Binding) -> bool:
    if (one.tier, one.kind) != (other.tier, other.kind):
        return False
    first, second = sorted((one, other), key=lambda row: row.opens_from)
    return (first.opens_to or date.max) >= second.opens_from
