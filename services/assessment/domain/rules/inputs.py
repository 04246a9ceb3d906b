"""Inputs of a pack as a form gives them: typed for expressions, written for people, or missing with a reason."""

from collections.abc import Mapping

import msgspec

from services.assessment.domain.rules.numbers import exact, exact_text
from services.assessment.domain.rules.pack import Input, Pack

WIDEST = int("9000000000000000000")
"""CEL's integers have 64 bits."""

SCALE = {"integer": 1, "decimal2": 100, "percent": 100}

NOT_FILLED = "未填写"
NOT_A_NUMBER = "填写的不是数"
TOO_FINE = "小数位数超过两位"
NOT_WHOLE = "应填写整数"
TOO_LARGE = "数值过大"
NOT_OFFERED = "不在可选项之内"
NOT_YES_NO = "应填写是或否"
NO_LEVEL = "none"
NOT_ASSESSED = "尚未完成数字化水平评测"


class Given(msgspec.Struct, frozen=True):
    """One input: the value for expressions or, without one, the reason; and its text for people."""

    value: int | bool | str | list[str] | None
    text: str | None
    reason: str | None = None


def missing(reason: str = NOT_FILLED) -> Given:
    return Given(None, None, reason)


def read_inputs(pack: Pack, form: Mapping[str, object], digital_level: str | int | None) -> dict[str, Given]:
    """Every input of the pack. The digital level comes from the assessment alone, never from the form."""
    return {
        name: digital(declared, digital_level) if declared.origin == "digital" else given(declared, form.get(name))
        for name, declared in pack.inputs.items()
    }


def digital(declared: Input, level: str | int | None) -> Given:
    if level is None:
        return missing(NOT_ASSESSED)
    return given(declared, NO_LEVEL if level in (0, "0") else str(level))


def given(declared: Input, value: object) -> Given:
    if value is None or value == "" or value == [] or value == ():
        return missing()
    match declared.type:
        case "boolean":
            return Given(value, "是" if value else "否") if isinstance(value, bool) else missing(NOT_YES_NO)
        case "choice":
            label = declared.options.get(value) if isinstance(value, str) else None
            return missing(NOT_OFFERED) if label is None else Given(str(value), label)
        case "multi_choice":
            return chosen(declared, value)
        case _:
            return number(declared, value)


def chosen(declared: Input, value: object) -> Given:
    options = value if isinstance(value, list | tuple) else (None,)
    if not all(isinstance(option, str) and option in declared.options for option in options):
        return missing(NOT_OFFERED)
    return Given(list(options), "、".join(declared.options[option] for option in options))


def number(declared: Input, value: object) -> Given:
    amount = exact(value)
    if amount is None:
        return missing(NOT_A_NUMBER)
    scaled, rest = divmod(amount.numerator * SCALE[declared.type], amount.denominator)
    if rest:
        return missing(NOT_WHOLE if declared.type == "integer" else TOO_FINE)
    if abs(scaled) > WIDEST:
        return missing(TOO_LARGE)
    return Given(scaled, exact_text(amount) + ("%" if declared.type == "percent" else declared.unit or ""))
