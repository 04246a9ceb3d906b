"""What a classification says: the class, every indicator, and what would change it."""

from typing import Literal

import msgspec

SizeState = Literal["classified", "not-classifiable"]


class SizeIndicator(msgspec.Struct, frozen=True, kw_only=True):
    """One indicator: `value` as an exact text, the step it reached, and how far the steps beside it are.

    `larger_at` / `larger_gap`: the bound of the next larger class and what is missing to it; `margin`: how far the
    value may fall before the class is lost.
    """

    id: str
    label: str
    value: str | None
    value_text: str | None = None
    size_class: str | None = None
    step: str | None = None
    larger_at: str | None = None
    larger_gap: str | None = None
    margin: str | None = None
    reason: str | None = None


class SizeChange(msgspec.Struct, frozen=True, kw_only=True):
    """Another class and what leads to it: for a larger one all of `when`, for a smaller one any of it."""

    size_class: str
    when: tuple[str, ...]


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """The class that the enterprise stated. `agrees` None: it cannot be told; `difference` in words unless it agrees."""

    size_class: str
    agrees: bool | None
    difference: str | None


class SizeResult(msgspec.Struct, frozen=True, kw_only=True):
    """企业规模. Not classifiable: `reason` says why, `possible` what it can be, and a person decides.

    `sme`: whether it is a 中小企业, None when not known. `deciding`: the indicators that hold it in its class.
    `uncertain`: what the answer rests on that is 待核实.
    """

    standard: str
    title: str
    source: str
    industry: str
    industry_id: str | None
    industry_label: str | None
    clause: str | None
    state: SizeState
    size_class: str | None
    possible: tuple[str, ...]
    sme: bool | None
    deciding: tuple[str, ...]
    indicators: tuple[SizeIndicator, ...]
    larger: SizeChange | None
    smaller: SizeChange | None
    reason: str | None
    way_out: str | None
    declared: Declared | None
    uncertain: tuple[str, ...]
