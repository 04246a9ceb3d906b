"""企业规模 beside a score: computed from the same submission, compared with what was declared, shown to both sides."""

from collections.abc import Mapping
from typing import Any

import msgspec

from libs.events.contracts.assessment import ApplicationScored
from libs.events.contracts.base import PolicyPin
from libs.events.decider import Policies
from services.assessment.domain.policies import SIZE, national, size_from
from services.assessment.domain.size import classify

PART = "size"
"""The part of a score's explained result."""


def size_of(answers: Mapping[str, Any], policies: Policies) -> dict[str, Any]:
    """The part, with the pin of the standard; nothing where no standard is in force. The figures that it used stand
    in it, so that it can be computed again from the event alone."""
    if not policies.of_kind(SIZE):
        return {}
    policy = national(policies, SIZE)
    standard = size_from(policy)
    given = {name: answers.get(field) for name, field in standard.fields.items()}
    industry, declared = given.pop("industry"), given.pop("declared")
    result = classify(standard, as_text(industry) or "", given, as_text(declared))
    return {PART: msgspec.to_builtins({"standard": policy.pin, "result": result})}


def size_as_before(before: ApplicationScored) -> dict[str, Any]:
    """A judgement changes points, never the size."""
    return {PART: before.result[PART]} if PART in before.result else {}


def size_corrected(before: ApplicationScored, changed: Mapping[str, Any], policies: Policies) -> dict[str, Any]:
    """The part with corrected figures (field → value), under the standard's pinned text; the others as they stand in it."""
    if PART not in before.result:
        return {}
    part = before.result[PART]
    was, pin = part["result"], msgspec.convert(part["standard"], PolicyPin)
    standard = size_from(policies.pinned(pin))
    given = {one["id"]: one["value"] for one in was["indicators"]} | {
        "declared": (was["declared"] or {}).get("size_class")
    }
    given |= {name: changed[field] for name, field in standard.fields.items() if field in changed}
    declared = given.pop("declared")
    result = classify(standard, was["industry"], given, as_text(declared))
    return {PART: part | {"result": msgspec.to_builtins(result)}}


def as_text(value: object) -> str | None:
    return value if isinstance(value, str) else None
