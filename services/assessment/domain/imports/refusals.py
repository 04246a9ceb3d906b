"""Why a score of another platform is not taken over."""

from libs.events.errors import Refused


class SchemeUnknown(Refused):
    code = "assessment.scheme-unknown"
    title = "没有这一种可导入的评价得分"
    status = 422


class YearOutside(Refused):
    code = "assessment.year-outside"
    title = "评价年度有误"
    status = 422
