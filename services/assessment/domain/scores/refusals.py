"""Why a judgement is not taken."""

from libs.events.errors import Refused


class NotScored(Refused):
    code = "assessment.not-scored"
    title = "该申报没有评分"


class NotTheAuthority(Refused):
    code = "assessment.not-the-authority"
    title = "只有管辖该申报的市级、省级审核人员可以办理"
    status = 403


class IndicatorUnknown(Refused):
    code = "assessment.indicator-unknown"
    title = "评分标准中没有这一指标"
    status = 422


class NotForJudgement(Refused):
    code = "assessment.not-for-judgement"
    title = "该指标由平台计算，不能录入"
    status = 422


class PointsOutside(Refused):
    code = "assessment.points-outside"
    title = "录入的得分不在允许范围内"
    status = 422


class JudgementReasonMissing(Refused):
    code = "assessment.reason-missing"
    title = "请填写录入的依据"
    status = 422


class AlreadyDisputed(Refused):
    code = "assessment.already-disputed"
    title = "该评分的异议正在处理"


class DisputeAnswered(Refused):
    code = "assessment.dispute-answered"
    title = "该评分的异议已经答复"


class DisputeLate(Refused):
    code = "assessment.dispute-late"
    title = "提出异议的期限已过"


class NothingToDispute(Refused):
    code = "assessment.nothing-to-dispute"
    title = "没有可以提出异议的内容"
    status = 422


class DisputeReasonMissing(Refused):
    code = "assessment.dispute-reason-missing"
    title = "请写明理由"
    status = 422


class DisputeNotOpen(Refused):
    code = "assessment.dispute-not-open"
    title = "没有待答复的这一异议"


class DisputeOpen(Refused):
    """A correction while a dispute waits answers it."""

    code = "assessment.dispute-open"
    title = "有待答复的异议，更正须写明所答复的异议"


class FiguresInvalid(Refused):
    """Every figure that cannot be taken, at once."""

    code = "assessment.figures-invalid"
    title = "更正的内容有误"
    status = 422


class NothingCorrected(Refused):
    code = "assessment.nothing-corrected"
    title = "没有更正任何内容"
    status = 422
