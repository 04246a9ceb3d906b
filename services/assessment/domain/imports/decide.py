"""Taking over a score of another platform: what it may say, never what it should be."""

from fractions import Fraction

from libs.events.contracts.assessment import ScoreImported
from libs.events.contracts.base import Event
from libs.events.contracts.times import business_date
from libs.events.decider import Facts
from libs.events.errors import Refused, refuse_together
from libs.events.ids import entity_id
from services.assessment.domain.digital.refusals import IssuedInFuture, IssuerMissing, ScoreInvalid
from services.assessment.domain.imports.commands import ImportScore
from services.assessment.domain.imports.refusals import SchemeUnknown, YearOutside
from services.assessment.domain.imports.state import ImportsState
from services.assessment.domain.policies import SCORE_IMPORTS, Scheme, national, score_import_rules_from
from services.assessment.domain.rules.numbers import exact, exact_text, terminates


def decide(command: ImportScore, state: ImportsState, facts: Facts) -> list[Event]:
    """导入. The same result once more changes nothing; another for the same year takes its place."""
    policy = national(facts.policies, SCORE_IMPORTS)
    schemes = score_import_rules_from(policy).schemes
    scheme = schemes.get(command.scheme)
    if scheme is None:
        offered = "、".join(f"{id}（{one.label}）" for id, one in schemes.items())
        raise SchemeUnknown(f"没有 {command.scheme}", rule=policy.source, way_out=f"可导入：{offered}")
    score = exact(command.score)
    refuse_together(refusals(command, score, scheme))
    assert score is not None
    event = ScoreImported(
        command.received_at,
        imported=entity_id(command.id, 1),
        enterprise=command.enterprise,
        scheme=command.scheme,
        year=command.year,
        score=exact_text(score),
        issued_by=command.issued_by.strip(),
        issued_on=command.issued_on.isoformat(),
        evidence=command.evidence,
        policies=(policy.pin,),
    )
    return [] if same(state.of(command.scheme, command.year), event) else [event]


def refusals(command: ImportScore, score: Fraction | None, scheme: Scheme) -> list[Refused]:
    """Every wrong entry at once."""
    wrong: list[Refused] = []
    bounds, today = scheme.score, business_date(command.received_at)
    if not scheme.since <= command.year <= today.year:
        wrong.append(YearOutside(f"{scheme.label}的年度应为 {scheme.since} 至 {today.year}"))
    if score is None or not terminates(score) or not bounds.min <= score <= bounds.max:
        wrong.append(ScoreInvalid(f"得分应为 {bounds.min} 至 {bounds.max} 的数"))
    if not command.issued_by.strip():
        wrong.append(IssuerMissing())
    if command.issued_on > today:
        wrong.append(IssuedInFuture())
    return wrong


def same(before: ScoreImported | None, event: ScoreImported) -> bool:
    """Whether both say the same but for when, under which id, and how the file was called."""
    if before is None or before.evidence.sha256 != event.evidence.sha256:
        return False
    then = (before.score, before.issued_by, before.issued_on)
    return then == (event.score, event.issued_by, event.issued_on)
