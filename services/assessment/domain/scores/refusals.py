"""Why a judgement is not taken."""

from libs.events.errors import Refused


class NotScored(Refused):
    code = "assessment.not-scored"
    title = "该申报没有评分"


class NotTheAuthority(Refused):
    code = "assessment.not-the-authority"
    title = "只有管辖该申报的市级、省级审核人员可以录入"
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
