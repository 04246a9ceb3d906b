"""Why business time is not moved."""

from libs.events.errors import Refused


class ClockIsReal(Refused):
    code = "identity.clock-is-real"
    title = "正式环境的业务时间不能调整"
    status = 403


class OnlyForward(Refused):
    code = "identity.clock-only-forward"
    title = "已有申报提交，业务时间只能向前调整"
