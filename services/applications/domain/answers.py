"""Answers judged by a form: what is wrong, field by field, and the one way a right answer is written."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

import msgspec

from libs.events.contracts.applications import Evidence, Value
from services.applications.domain.checks import amount, amount_fault, integer_fault, text_fault
from services.applications.domain.forms import Answers, Field, Form

LONGEST_TEXT = 2000
NOT_FILLED = "尚未填写"


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong, in words, with the field's name and label."""

    field: str
    label: str
    message: str


def answer_faults(
    form: Form, answers: Answers, personal: Iterable[str], personal_faults: Mapping[str, str]
) -> list[Fault]:
    """Every wrong or missing answer at once. Personal answers are sealed: their shape was looked at before sealing."""
    sealed = set(personal)
    faults = [fault for field in form.fields if (fault := _fault(field, answers, sealed, personal_faults))]
    known = {field.name for field in form.fields}
    return [*faults, *(Fault(name, name, "表单中没有这一项") for name in answers if name not in known)]


def evidence_faults(form: Form, answers: Answers, evidence: Iterable[Evidence]) -> list[Fault]:
    """Slots that lack what they need, and files in slots that the form does not have."""
    slots = {file.slot for file in evidence}
    missing = [slot for slot in form.evidence if slot.is_required(answers) and slot.name not in slots]
    known = {slot.name for slot in form.evidence}
    return [
        *(Fault(slot.name, slot.label, "尚未上传佐证材料") for slot in missing),
        *(Fault(name, name, "表单中没有这一项佐证材料") for name in sorted(slots - known)),
    ]


def canonical(form: Form, answers: Answers) -> dict[str, Value]:
    """Right answers as events hold them: amounts with two decimals, integers as numbers; blank ones left out."""
    return {
        field.name: _canonical(field, answers[field.name])
        for field in form.fields
        if not field.personal and not is_blank(answers.get(field.name))
    }


def is_blank(value: Value) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _fault(field: Field, answers: Answers, sealed: set[str], personal_faults: Mapping[str, str]) -> Fault | None:
    if field.personal:
        message = personal_faults.get(field.name)
        if message is None and field.name not in sealed and field.is_required(answers):
            message = NOT_FILLED
    elif is_blank(answers.get(field.name)):
        message = _missing(field) if field.is_required(answers) else None
    else:
        message = shape_fault(field, answers[field.name])
    return None if message is None else Fault(field.name, field.label, message)


def _missing(field: Field) -> str:
    return "尚未完成数字化水平评测" if field.origin == "digital" else NOT_FILLED


def shape_fault(field: Field, value: Value) -> str | None:
    """What is wrong with one given answer."""
    match field.type:
        case "text":
            longest = int(field.max) if field.max is not None else LONGEST_TEXT
            return text_fault(value, longest) if isinstance(value, str) else "请填写文字"
        case "boolean":
            return _boolean_fault(field, value)
        case "choice":
            return None if isinstance(value, str) and value in field.options else "请从选项中选择"
        case "multi_choice":
            return _choices_fault(field, value)
        case "date":
            return None if isinstance(value, str) and _is_date(value) else "日期的格式是 2024-01-31"
        case "integer" | "decimal2" | "percent":
            return _number_fault(field, value)


def _boolean_fault(field: Field, value: Value) -> str | None:
    if not isinstance(value, bool):
        return "请选择是或否"
    return None if field.must_equal in (None, value) else "须确认此项方可提交"


def _choices_fault(field: Field, value: Value) -> str | None:
    if not isinstance(value, list) or not all(option in field.options for option in value):
        return "请从选项中选择"
    if len(set(value)) != len(value):
        return "选项重复"
    alone = [option for option in value if option in field.exclusive]
    return f"“{field.options[alone[0]]}”不能与其他选项同时选择" if alone and len(value) > 1 else None


def _number_fault(field: Field, value: Value) -> str | None:
    if isinstance(value, bool | list) or value is None:
        return "请填写数字"
    text = str(value)
    fault = integer_fault(text) if field.type == "integer" else amount_fault(text)
    if fault is not None:
        return fault
    if field.min is not None and Decimal(text) < Decimal(str(field.min)):
        return f"不能小于 {field.min}{field.unit}"
    if field.max is not None and Decimal(text) > Decimal(str(field.max)):
        return f"不能大于 {field.max}{field.unit}"
    return None


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _canonical(field: Field, value: Value) -> Value:
    match field.type:
        case "integer":
            return int(str(value))
        case "decimal2" | "percent":
            return amount(str(value))
        case "multi_choice" if isinstance(value, list):
            return sorted(value, key=list(field.options).index)
        case _:
            return value.strip() if isinstance(value, str) else value
