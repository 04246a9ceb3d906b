"""Which questionnaire an industry takes, and whether there is one."""

import re

import msgspec

from libs.events.decider import Policies, Policy
from libs.events.errors import refuse_unless
from services.assessment.domain.digital.refusals import IMPORT, IndustryUnknown, NoQuestionnaire
from services.assessment.domain.policies import FORM_MAP, QUESTIONNAIRE, form_map_from, found, national
from services.assessment.domain.rules import digital_form_for
from services.assessment.domain.rules.form_map import DigitalForm, deciding_prefix

INDUSTRY = re.compile(r"[0-9]{2,4}")


class Assigned(msgspec.Struct, frozen=True):
    """评测表 of an industry. Without `questionnaire` a result has to be imported, and `reason` says why.

    `certain`: whether the map says for sure that this form is the industry's; else it is 待核实.
    """

    form: DigitalForm
    label: str
    table: Policy
    questionnaire: Policy | None
    reason: str
    certain: bool


def assigned_to(policies: Policies, industry: str) -> Assigned:
    """By the GB/T 4754 code of two to four digits. Raises IndustryUnknown, PolicyMissing."""
    refuse_unless(
        INDUSTRY.fullmatch(industry), IndustryUnknown(f"“{industry}”不是《国民经济行业分类》大类、中类或小类的代码")
    )
    policy = national(policies, FORM_MAP)
    table = form_map_from(policy)
    deciding = deciding_prefix(table, industry)
    form = digital_form_for(table, industry)
    id = table.questionnaires[form]
    questionnaire = found(policies, QUESTIONNAIRE, id)
    label = table.forms[form]
    missing = f"{label}的评测问卷未见公开" if id is None else f"{label}的评测问卷 {id} 尚未施行"
    certain = table.certain if deciding is None else deciding.certain
    return Assigned(form, label, policy, questionnaire, "" if questionnaire else missing, certain)


def questionnaire_for(assigned: Assigned) -> Policy:
    """Raises NoQuestionnaire with the way out: import."""
    if assigned.questionnaire is None:
        raise NoQuestionnaire(assigned.reason, rule=assigned.table.source, way_out=IMPORT, form=assigned.form)
    return assigned.questionnaire
