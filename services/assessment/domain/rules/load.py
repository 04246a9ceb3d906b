"""From parsed policy content to checked structs. Faults name the path; with `lines` also the line."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeVar

import msgspec

from services.assessment.domain.rules.amendments import Bindings, Override, Supplement
from services.assessment.domain.rules.check_amendments import check_bindings, check_override, check_supplement
from services.assessment.domain.rules.check_pack import check_pack
from services.assessment.domain.rules.check_questionnaire import (
    check_form_map,
    check_questionnaire,
)
from services.assessment.domain.rules.faults import (
    Lines,
    PolicyFault,
    RuleFault,
    line_of,
)
from services.assessment.domain.rules.form_map import DigitalFormMap
from services.assessment.domain.rules.pack import Pack
from services.assessment.domain.rules.questionnaire import Questionnaire
from services.assessment.domain.rules.source import Head

T = TypeVar("T", bound=Head)

NO_LINES: Lines = {}


def load_pack(content: Mapping[str, Any], file: str = "", lines: Lines = NO_LINES) -> Pack:
    """规则包. PolicyFault for unknown fields, holes and overlaps, dangling references, expressions that do not fit."""
    return load(content, Pack, check_pack, file, lines)


def load_questionnaire(content: Mapping[str, Any], file: str = "", lines: Lines = NO_LINES) -> Questionnaire:
    return load(content, Questionnaire, check_questionnaire, file, lines)


def load_form_map(content: Mapping[str, Any], file: str = "", lines: Lines = NO_LINES) -> DigitalFormMap:
    return load(content, DigitalFormMap, check_form_map, file, lines)


def load_override(content: Mapping[str, Any], file: str = "", lines: Lines = NO_LINES) -> Override:
    """年度通知的调整, checked on its own; `amend.effective` checks it against its packs."""
    return load(content, Override, check_override, file, lines)


def load_supplement(content: Mapping[str, Any], file: str = "", lines: Lines = NO_LINES) -> Supplement:
    return load(content, Supplement, check_supplement, file, lines)


def load_bindings(content: Mapping[str, Any], file: str = "", lines: Lines = NO_LINES) -> Bindings:
    return load(content, Bindings, check_bindings, file, lines)


def load(
    content: Mapping[str, Any],
    kind: type[T],
    check: Callable[[T], None],
    file: str,
    lines: Lines,
) -> T:
    try:
        loaded = msgspec.convert(content, kind, dec_hook=decode)
        check(loaded)
    except msgspec.ValidationError as trouble:
        message, _, path = str(trouble).partition(" - at `")
        raise misfit(file, path.removesuffix("`") or "$", message, lines) from trouble
    except RuleFault as trouble:
        raise fault(file, trouble.path, trouble.message, lines) from trouble
    return loaded


def misfit(file: str, path: str, message: str, lines: Lines) -> PolicyFault:
    """A field that nobody knows is named by its own line, not by that of the part around it."""
    _, unknown, rest = message.partition("unknown field `")
    where = f"{path}.{rest.removesuffix('`')}" if unknown else path
    return PolicyFault(file, line_of(where, lines), path, message)


def fault(file: str, path: str, message: str, lines: Lines) -> PolicyFault:
    return PolicyFault(file, line_of(path, lines), path, message)


def decode(kind: type, value: object) -> object:
    """Numbers of a policy are exact: integers, or quoted decimals and fractions; never floats."""
    if kind is not Fraction:
        raise NotImplementedError(kind)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError("小数须加引号书写，例如 “7.5” 或 “10/14”")
    return Fraction(value)
