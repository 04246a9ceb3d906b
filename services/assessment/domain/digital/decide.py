"""Assessing by questionnaire, or taking over an official result."""

from fractions import Fraction
from typing import assert_never

import msgspec

from libs.events.contracts.assessment import DigitalLevelAssessed, DigitalLevelImported
from libs.events.contracts.base import Event
from libs.events.contracts.times import business_date
from libs.events.decider import Facts
from libs.events.errors import Refused, refuse_together
from libs.events.ids import entity_id
from services.assessment.domain.digital.commands import AssessDigitalLevel, DigitalCommand, ImportDigitalLevel
from services.assessment.domain.digital.questionnaires import assigned_to, questionnaire_for
from services.assessment.domain.digital.refusals import (
    AnswersInvalid,
    IssuedInFuture,
    IssuerMissing,
    LevelMismatch,
    LevelUnknown,
    ScoreInvalid,
)
from services.assessment.domain.digital.state import DigitalState
from services.assessment.domain.policies import (
    IMPORTS,
    ImportRules,
    import_rules_from,
    national,
    questionnaire_from,
)
from services.assessment.domain.rules import Questionnaire, assess_digital
from services.assessment.domain.rules.numbers import exact, exact_text, terminates


def decide(command: DigitalCommand, state: DigitalState, facts: Facts) -> list[Event]:
    match command:
        case AssessDigitalLevel():
            return assess(command, facts)
        case ImportDigitalLevel():
            return import_(command, state, facts)
        case _:
            assert_never(command)


def assess(command: AssessDigitalLevel, facts: Facts) -> list[Event]:
    """数字化水平评测 (工信厅企业〔2024〕56号): every question answered, or all that are wrong named."""
    assigned = assigned_to(facts.policies, command.industry)
    policy = questionnaire_for(assigned)
    form = questionnaire_from(policy)
    result = assess_digital(form, command.answers)
    if result.troubles or result.level is None:
        raise AnswersInvalid(result.troubles, labels_of(form))
    return [
        DigitalLevelAssessed(
            command.received_at,
            assessment=entity_id(command.id, 1),
            enterprise=command.enterprise,
            questionnaire=policy.pin,
            answers=dict(command.answers),
            score=result.score,
            level=result.level,
            dimensions={one.id: one.score for one in result.dimensions},
            missing_for_next=result.missing_for_next,
            industry=command.industry,
            policies=(assigned.table.pin,),
        )
    ]


def labels_of(form: Questionnaire) -> dict[str, str]:
    return {one.id: one.label for one in form.questions} | {one.id: one.label for one in form.scenes}


def import_(command: ImportDigitalLevel, state: DigitalState, facts: Facts) -> list[Event]:
    """导入. The same result once more changes nothing."""
    policy = national(facts.policies, IMPORTS)
    score = exact(command.score)
    refuse_together(import_refusals(command, score, import_rules_from(policy)))
    assert score is not None
    event = DigitalLevelImported(
        command.received_at,
        assessment=entity_id(command.id, 1),
        enterprise=command.enterprise,
        level=command.level,
        score=exact_text(score),
        issued_by=command.issued_by.strip(),
        issued_on=command.issued_on.isoformat(),
        evidence=command.evidence,
        policies=(policy.pin,),
    )
    return [] if same(state.imported, event) else [event]


def import_refusals(command: ImportDigitalLevel, score: Fraction | None, rules: ImportRules) -> list[Refused]:
    wrong: list[Refused] = []
    if command.level not in rules.levels:
        wrong.append(LevelUnknown(f"等级应为：{'、'.join(f'{n}（{name}）' for n, name in rules.levels.items())}"))
    if score is None or not terminates(score) or not rules.score.min <= score <= rules.score.max:
        wrong.append(ScoreInvalid(f"得分应为 {rules.score.min} 至 {rules.score.max} 的数"))
    else:
        wrong += mismatch(command, score, rules)
    if not command.issued_by.strip():
        wrong.append(IssuerMissing())
    if command.issued_on > business_date(command.received_at):
        wrong.append(IssuedInFuture())
    return wrong


def mismatch(command: ImportDigitalLevel, score: Fraction, rules: ImportRules) -> list[Refused]:
    """The 2022 edition (工信厅企业〔2022〕32号) goes by the score alone; a later one asks for more than the score."""
    edition = rules.edition_of(command.issued_on)
    if edition is None or command.level not in rules.levels or edition.level_of(score) == command.level:
        return []
    named = rules.levels[edition.level_of(score)]
    mark = "" if edition.certain else "（待核实）"
    return [
        LevelMismatch(
            f"按《{edition.title}》，{exact_text(score)} 分为{named}{mark}",
            rule=edition.title,
            way_out=f"请核对等级、得分和出具日期；{edition.issued_to} 以后出具的结果按新版",
        )
    ]


def same(before: DigitalLevelImported | None, event: DigitalLevelImported) -> bool:
    """Whether both say the same but for when, under which id, and how the file was called."""
    if before is None or before.evidence.sha256 != event.evidence.sha256:
        return False
    return event == msgspec.structs.replace(
        before,
        received_at=event.received_at,
        assessment=event.assessment,
        evidence=event.evidence,
        policies=event.policies,
    )
