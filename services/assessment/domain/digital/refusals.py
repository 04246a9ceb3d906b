"""Why a digital level is not taken."""

from collections.abc import Iterable, Sequence

from libs.events.errors import Refused
from services.assessment.domain.rules.results import Trouble

IMPORT = "请在官方平台完成评测，再以“导入”上传其结果和证明材料"


class IndustryUnknown(Refused):
    code = "assessment.industry-unknown"
    title = "行业代码有误"
    status = 422


class NoQuestionnaire(Refused):
    """The official questionnaire of this form has not been published, or is not in force yet."""

    code = "assessment.no-questionnaire"
    title = "该行业暂无可用的数字化水平评测问卷"


class AnswersInvalid(Refused):
    """Every question that cannot be taken, at once."""

    code = "assessment.answers-invalid"
    title = "问卷答案有误"
    status = 422

    def __init__(self, troubles: Sequence[Trouble], labels: dict[str, str]) -> None:
        named = [labels.get(one.field, one.field) for one in troubles]
        errors = [
            {"field": one.field, "label": name, "fault": one.code, "detail": one.message}
            for one, name in zip(troubles, named, strict=True)
        ]
        super().__init__(f"{len(troubles)} 处有误：{first(named)}", errors=errors)


class LevelUnknown(Refused):
    code = "assessment.level-unknown"
    title = "没有这一数字化等级"
    status = 422


class ScoreInvalid(Refused):
    code = "assessment.score-invalid"
    title = "评测得分有误"
    status = 422


class LevelMismatch(Refused):
    """Under an edition that goes by the score alone, score and level say different things."""

    code = "assessment.level-mismatch"
    title = "等级与得分不符"
    status = 422


class IssuerMissing(Refused):
    code = "assessment.issuer-missing"
    title = "请填写出具单位"
    status = 422


class IssuedInFuture(Refused):
    code = "assessment.issued-in-future"
    title = "出具日期晚于今天"
    status = 422


class EvidenceInvalid(Refused):
    code = "assessment.evidence-invalid"
    title = "证明材料不能使用"
    status = 422


def first(names: Iterable[str], most: int = 5) -> str:
    every = list(dict.fromkeys(names))
    return "、".join(every[:most]) + ("等" if len(every) > most else "")
