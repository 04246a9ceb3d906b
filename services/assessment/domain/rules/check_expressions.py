"""Expressions of a pack parse, name only declared inputs and known functions, and give the kind of value asked."""

from services.assessment.domain.rules.cel import (
    FUNCTIONS,
    PER_CENT,
    Expression,
    NoValue,
    Unknown,
    expression,
)
from services.assessment.domain.rules.desk import Desk
from services.assessment.domain.rules.faults import RuleFault
from services.assessment.domain.rules.inputs import Given
from services.assessment.domain.rules.pack import Input, Pack
from services.assessment.domain.rules.units import Unit


def sample_desk(pack: Pack) -> Desk:
    """A desk with a plain value for every input, on which each expression is tried once."""
    for name, declared in pack.inputs.items():
        if declared.type in ("choice", "multi_choice") and not declared.options:
            raise RuleFault(f"$.inputs.{name}", "选择型字段须列出选项")
    return Desk(pack.inputs, {name: sample(declared) for name, declared in pack.inputs.items()})


def sample(declared: Input) -> Given:
    match declared.type:
        case "boolean":
            return Given(False, "否")
        case "choice":
            return Given(next(iter(declared.options)), "")
        case "multi_choice":
            return Given(list(declared.options), "")
        case "integer" | "decimal2" | "percent":
            return Given(1, "1")


def check_number(text: str, desk: Desk, path: str) -> None:
    compiled = parsed(text, desk, path)
    try:
        compiled.number(desk.scope)
    except NoValue:
        return
    except (TypeError, Unknown) as trouble:
        raise RuleFault(path, f"表达式应得出数：{text}") from trouble


def check_unit(text: str, unit: Unit, pack: Pack, path: str) -> None:
    """Ratios are read in per cent, anything else in the one unit that all its inputs have."""
    compiled = expression(text)
    if PER_CENT.intersection(compiled.functions):
        units = {"percent"}
    else:
        units = {pack.inputs[name].unit or "无单位" for name in compiled.inputs}
    if units != {unit}:
        raise RuleFault(path, f"单位不符：{text} 的单位是{'、'.join(sorted(units))}，不是{unit}")


def check_truth(text: str, desk: Desk, path: str) -> None:
    compiled = parsed(text, desk, path)
    try:
        known = compiled.truth(desk.scope) is not None
    except TypeError:
        known = False
    if not known:
        raise RuleFault(path, f"表达式应得出真假：{text}")


def parsed(text: str, desk: Desk, path: str) -> Expression:
    try:
        compiled = expression(text)
    except ValueError as trouble:
        raise RuleFault(path, f"表达式无法解析：{text}") from trouble
    for name in compiled.inputs:
        if name not in desk.declared:
            raise RuleFault(path, f"表达式引用了未声明的字段 {name}")
    for name in compiled.functions:
        if name.isidentifier() and not name.startswith("_") and name not in FUNCTIONS:
            raise RuleFault(path, f"没有名为 {name} 的函数")
    return compiled
