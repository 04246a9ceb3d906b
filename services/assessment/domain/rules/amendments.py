"""What changes a pack without rewriting it: overrides of a notice, a province's supplement; and who is bound to which."""

from datetime import date
from typing import Literal

import msgspec

from services.assessment.domain.rules.pack import Condition, Indicator, Input
from services.assessment.domain.rules.source import Head, Strict


class WindowYears(Strict, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """Years of the windows that an override speaks of; without a last one it goes on."""

    first: int
    last: int | None = None


class Change(Strict, frozen=True, kw_only=True):
    """One of: `waive` a condition (不考察), `replace` a condition or indicator, `add` a condition at the end."""

    reason: str
    waive: str | None = None
    replace: str | None = None
    add: Literal["gates", "direct"] | None = None
    condition: Condition | None = None
    indicator: Indicator | None = None


class Override(Head, frozen=True, kw_only=True):
    """年度通知等对标准的调整. Those of one `edition` apply in their `order`; the effective pack is `<pack>+<edition>`."""

    edition: str
    order: int
    packs: tuple[str, ...]
    kinds: tuple[str, ...]
    window_years: WindowYears
    reason: str
    changes: tuple[Change, ...]
    inputs: dict[str, Input] = msgspec.field(default_factory=dict)
    evidence: dict[str, str] = msgspec.field(default_factory=dict)


class Supplement(Head, frozen=True, kw_only=True):
    """省级补充: indicators of a province in the place of those that a pack leaves to it; `<pack>+<authority>`."""

    pack: str
    replaces: tuple[str, ...]
    indicators: tuple[Indicator, ...]
    inputs: dict[str, Input] = msgspec.field(default_factory=dict)
    evidence: dict[str, str] = msgspec.field(default_factory=dict)


class Binding(Strict, frozen=True, kw_only=True):
    """Windows of a kind and tier that open from one day to another (both included) run on a pack."""

    tier: str
    kind: str
    opens_from: date
    opens_to: date | None = None
    pack: str
    basis: str
    certain: bool = True


class Bindings(Head, frozen=True, kw_only=True):
    """适用标准: which pack a window of an authority is bound to, unless its opening says otherwise."""

    bindings: tuple[Binding, ...]
