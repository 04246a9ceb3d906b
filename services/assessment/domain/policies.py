"""The policies of assessment as the rule engine reads them; loaded once per text."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import TypeVar

import msgspec

from libs.events.contracts.actors import Level
from libs.events.decider import Policies, Policy
from services.assessment.domain.rules import (
    DigitalFormMap,
    Pack,
    Questionnaire,
    load_form_map,
    load_pack,
    load_questionnaire,
)
from services.assessment.domain.size import SizeStandard, load_size

PACK, QUESTIONNAIRE, FORM_MAP, IMPORTS = "pack", "digital", "digital_forms", "digital_imports"
SIZE, SCORE_IMPORTS, DISPUTES = "size", "score_imports", "disputes"
NATIONAL = "national"

T = TypeVar("T")
_loaded: dict[str, object] = {}
"""Derived from a text's SHA-256 alone, so it can never be stale."""


class Bounds(msgspec.Struct, frozen=True):
    min: int
    max: int


class Files(msgspec.Struct, frozen=True):
    """Kinds of files that prove a result, by content, and how large one may be."""

    types: tuple[str, ...]
    max_mb: int


class Edition(msgspec.Struct, frozen=True):
    """An older standard that goes by the score alone: `scores` are the lowest of level 1, 2 … (included)."""

    id: str
    title: str
    issued_to: date
    scores: tuple[int, ...]
    certain: bool = True

    def level_of(self, score: Fraction) -> int:
        return sum(score >= lowest for lowest in self.scores)


class ImportRules(msgspec.Struct, frozen=True):
    """What an imported result may say: levels with their names, the score's bounds, its proof."""

    levels: dict[int, str]
    score: Bounds
    evidence: Files
    editions: tuple[Edition, ...] = ()

    def edition_of(self, issued_on: date) -> Edition | None:
        """The first edition under which a result of that day can be; none: a newer one."""
        return next((one for one in self.editions if issued_on <= one.issued_to), None)


class Scheme(msgspec.Struct, frozen=True):
    """A score of another platform: since which year there is one, its bounds, and the form's fields for this
    year, the year before …"""

    label: str
    since: int
    score: Bounds
    fields: tuple[str, ...] = ()


class ScoreImportRules(msgspec.Struct, frozen=True):
    schemes: dict[str, Scheme]
    evidence: Files


class DisputeRules(msgspec.Struct, frozen=True):
    """异议: working days to raise and to answer one, and the levels that answer."""

    file_within: int
    answer_within: int
    decided_by: tuple[Level, ...]


def pack_from(policy: Policy) -> Pack:
    """规则包. Raises PolicyFault."""
    return _once(policy, lambda: load_pack(policy.content, policy.id))


def questionnaire_from(policy: Policy) -> Questionnaire:
    return _once(policy, lambda: load_questionnaire(policy.content, policy.id))


def form_map_from(policy: Policy) -> DigitalFormMap:
    return _once(policy, lambda: load_form_map(policy.content, policy.id))


def size_from(policy: Policy) -> SizeStandard:
    return _once(policy, lambda: load_size(policy.content, policy.id))


def import_rules_from(policy: Policy) -> ImportRules:
    return _once(policy, lambda: msgspec.convert(dict(policy.content), ImportRules, strict=False))


def score_import_rules_from(policy: Policy) -> ScoreImportRules:
    return _once(policy, lambda: msgspec.convert(dict(policy.content), ScoreImportRules, strict=False))


def dispute_rules_from(policy: Policy) -> DisputeRules:
    return _once(policy, lambda: msgspec.convert(dict(policy.content), DisputeRules, strict=False))


def found(policies: Policies, kind: str, id: str | None) -> Policy | None:
    """The policy in force, or None."""
    return next((policy for policy in policies.of_kind(kind) if policy.id == id), None)


def national(policies: Policies, kind: str) -> Policy:
    """Raises PolicyMissing."""
    return policies.of_authority(kind, NATIONAL)


def _once(policy: Policy, load: Callable[[], T]) -> T:
    loaded = _loaded.get(policy.sha256)
    if loaded is None:
        loaded = _loaded[policy.sha256] = load()
    return loaded  # type: ignore[return-value]
