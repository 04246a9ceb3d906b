"""Which digital questionnaire an industry takes: GB/T 4754 code → 制造业, 生产性服务业, 其他."""

from typing import Literal

from services.assessment.domain.rules.source import Head, Strict

DigitalForm = Literal["manufacturing", "producer_services", "other"]


class Prefix(Strict, frozen=True, kw_only=True):
    """Codes that begin with `prefix` (two to four digits) take `form`."""

    prefix: str
    form: DigitalForm
    label: str
    certain: bool = True


class DigitalFormMap(Head, frozen=True, kw_only=True):
    """The longest prefix decides, `otherwise` the rest; `questionnaires`: form → id where one is known."""

    forms: dict[DigitalForm, str]
    questionnaires: dict[DigitalForm, str | None]
    prefixes: tuple[Prefix, ...]
    otherwise: DigitalForm


def digital_form_for(table: DigitalFormMap, industry: str) -> DigitalForm:
    """The form of a GB/T 4754 code of two to four digits."""
    deciding = deciding_prefix(table, industry)
    return table.otherwise if deciding is None else deciding.form


def deciding_prefix(table: DigitalFormMap, industry: str) -> Prefix | None:
    """The longest prefix that fits; None for the rest, which takes `otherwise`."""
    fitting = [one for one in table.prefixes if industry.startswith(one.prefix)]
    return max(fitting, key=lambda one: len(one.prefix), default=None)
