"""What an evaluation works on: the inputs as given, and the scope in which expressions run."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from services.assessment.domain.rules.cel import NoValue, Unknown, expression, scope_of
from services.assessment.domain.rules.inputs import Given
from services.assessment.domain.rules.pack import Input
from services.assessment.domain.rules.results import ConditionState, InputShown
from services.assessment.domain.rules.units import Unit, in_unit

BEYOND = "数值过大，无法计算"


class Desk:
    """Inputs of one evaluation. Expressions see only what is given; what is missing stays unknown."""

    def __init__(self, declared: Mapping[str, Input], given: Mapping[str, Given]) -> None:
        self.declared = declared
        self.given = given
        self.scope = scope_of({name: g.value for name, g in given.items() if g.value is not None})
        self._order = {name: place for place, name in enumerate(declared)}
        self._shown: dict[str, InputShown] = {}

    def truth(self, text: str) -> bool | None:
        """Three-valued; an expression without a value (÷ 0) does not hold."""
        try:
            return expression(text).truth(self.scope)
        except NoValue:
            return False

    def number(self, text: str, unit: Unit) -> Fraction | str | None:
        """The value in its unit; a reason where there is no value; None where an input is missing."""
        try:
            return in_unit(expression(text).number(self.scope), unit)
        except NoValue as none:
            return str(none)
        except Unknown:
            return None

    def shown(self, texts: Iterable[str | None]) -> tuple[InputShown, ...]:
        """The inputs that these expressions name, once each, in the pack's order."""
        named = {name for text in texts if text is not None for name in expression(text).inputs}
        return tuple(self.show(name) for name in sorted(named, key=self._order.__getitem__))

    def show(self, name: str) -> InputShown:
        found = self._shown.get(name)
        if found is None:
            declared, given = self.declared[name], self.given[name]
            found = self._shown[name] = InputShown(
                field=name,
                label=declared.label,
                origin=declared.origin,
                value=given.text,
                reason=given.reason,
            )
        return found

    def lacking(self, texts: Iterable[str | None]) -> str:
        """Which inputs are missing, in words."""
        without = [shown for shown in self.shown(texts) if shown.value is None]
        return "；".join(f"{shown.label}：{shown.reason}" for shown in without) or BEYOND


def state_of(truth: bool | None) -> ConditionState:
    return "open" if truth is None else "met" if truth else "not-met"


def every(truths: Iterable[bool | None]) -> bool | None:
    """Three-valued and: one false decides."""
    seen = list(truths)
    return False if False in seen else None if None in seen else True


def either(truths: Iterable[bool | None]) -> bool | None:
    """Three-valued or: one true decides."""
    seen = list(truths)
    return True if True in seen else None if None in seen else False


def truth_of(state: ConditionState) -> bool | None:
    return {"met": True, "not-met": False, "open": None}[state]
