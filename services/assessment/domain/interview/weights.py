"""How much a missing figure decides: a principle over bounds, not an order written by hand.

What is undecided about a pack are its demands, each of which could exclude it: every open gate, part by part where all
parts must hold, and the score. Each weighs the same, one. Of alternatives only the cheapest is asked for, the one that
lacks the fewest figures, of equals the law's first: if it holds, the others need no answer. The score is the rule and a
direct condition (直通条件) the exception to it, asked for when the score can no longer be met. The score's weight goes to
its indicators by the points that they leave open (high − low). What lacks several figures is decided by none of them
alone: they share its weight. A figure's weight is the sum over all packs that are still possible; what is decided weighs
nothing, so nothing is asked in vain.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from services.assessment.domain.rules.pack import Condition, Pack
from services.assessment.domain.rules.results import ConditionResult, InputShown, ScoreResult

Weights = dict[str, Fraction]
WHOLE, NONE = Fraction(1), Fraction(0)


def weights_of(pack: Pack, result: ScoreResult) -> Weights:
    """Missing input → its weight under one pack; empty where the verdict is known or no figure can change it."""
    found: Weights = {}
    if result.verdict != "open":
        return found
    for gate, at in zip(pack.gates, result.gates, strict=True):
        share_all(found, demands(gate, at))
    if "met" not in (result.score_state, result.direct_state) and not by_points(found, result):
        share_all(found, cheapest(pack.direct, result.direct))
    return found


def by_points(found: Weights, result: ScoreResult) -> bool:
    """The score's weight by the points that missing figures leave open; what waits for the authority has none."""
    if result.score_state != "open":
        return False
    open_ = {one.id: Fraction(one.high) - Fraction(one.low) for one in result.indicators if one.state == "missing"}
    together = sum(open_.values(), NONE)
    for one in result.indicators:
        if open_.get(one.id):
            share(found, missing(one.inputs), open_[one.id] / together)
    return together > 0


def demands(condition: Condition, at: ConditionResult) -> list[list[str]]:
    """The figures that each open part misses; of alternatives, those of the cheapest."""
    if at.state != "open":
        return []
    if not at.parts:
        names = missing(at.inputs)
        return [names] if names else []
    if condition.any:
        return cheapest(condition.any, at.parts)
    return [names for part, found in zip(condition.all, at.parts, strict=True) for names in demands(part, found)]


def cheapest(ways: Sequence[Condition], at: Sequence[ConditionResult]) -> list[list[str]]:
    """Of alternatives that figures can decide, the demands of the one that lacks the fewest."""
    asked = [found for way, state in zip(ways, at, strict=True) if (found := demands(way, state))]
    return min(asked, key=lambda found: len({name for names in found for name in names}), default=[])


def open_leaves(condition: ConditionResult) -> Iterator[ConditionResult]:
    if condition.state != "open":
        return
    if not condition.parts:
        yield condition
    for part in condition.parts:
        yield from open_leaves(part)


def lacking(result: ScoreResult) -> set[str]:
    """Every figure that could still have a part in the verdict."""
    if result.verdict != "open":
        return set()
    other_way = "met" in (result.score_state, result.direct_state)
    conditions = result.gates if other_way else (*result.gates, *result.direct)
    indicators = () if other_way or result.score_state != "open" else result.indicators
    inputs = [leaf.inputs for one in conditions for leaf in open_leaves(one)]
    inputs += [one.inputs for one in indicators if one.state == "missing"]
    return {name for shown in inputs for name in missing(shown)}


def missing(inputs: tuple[InputShown, ...]) -> list[str]:
    return [one.field for one in inputs if one.value is None]


def share_all(found: Weights, asked: list[list[str]]) -> None:
    for names in asked:
        share(found, names, WHOLE)


def share(found: Weights, names: list[str], weight: Fraction) -> None:
    for name in names:
        found[name] = found.get(name, NONE) + weight / len(names)
