"""中小企业划型标准 as data (工信部联企业〔2011〕300号): classes, indicators, industries with their bounds and codes."""

from fractions import Fraction

import msgspec

from services.assessment.domain.rules.pack import Input
from services.assessment.domain.rules.source import Head, Strict


class SizeIndustry(Strict, frozen=True, kw_only=True):
    """A row of the standard. `bounds`: indicator → lower bounds from the largest class down, each included; below the
    last is the smallest class. `codes`: prefixes of GB/T 4754 codes, two to four digits."""

    id: str
    label: str
    clause: str
    bounds: dict[str, tuple[Fraction, ...]]
    codes: tuple[str, ...]
    codes_certain: bool = True


class NotCovered(Strict, frozen=True, kw_only=True):
    """Industries that the standard does not name: a person decides."""

    label: str
    codes: tuple[str, ...]


class SizeStandard(Head, frozen=True, kw_only=True):
    """`classes` from the largest down; `sme_from` and all below are 中小企业. `fields`: industry, declared class and each
    indicator → the form's field."""

    classes: tuple[str, ...]
    sme_from: str
    indicators: dict[str, Input]
    fields: dict[str, str]
    industries: tuple[SizeIndustry, ...]
    not_covered: tuple[NotCovered, ...]


class Ambiguous(msgspec.Struct, frozen=True):
    """A code too short: what lies under it belongs to several rows."""

    labels: tuple[str, ...]


Row = SizeIndustry | NotCovered


def row_of(standard: SizeStandard, code: str) -> Row | Ambiguous | None:
    """The row of a GB/T 4754 code by its longest prefix; None for a code that no row knows."""
    rows: tuple[Row, ...] = (*standard.industries, *standard.not_covered)
    fitting = [(prefix, row) for row in rows for prefix in row.codes if code.startswith(prefix)]
    if fitting:
        return max(fitting, key=lambda one: len(one[0]))[1]
    under = [row for row in rows for prefix in row.codes if code and prefix.startswith(code)]
    return Ambiguous(tuple(dict.fromkeys(row.label for row in under))) if under else None
