"""Why a manual check cannot be asked for, taken or answered."""

from libs.events.errors import Refused


class CheckUnknown(Refused):
    code = "identity.check-unknown"
    title = "没有这项人工核验"
    status = 404


class AlreadyAsked(Refused):
    code = "identity.check-already-asked"
    title = "该人工核验已提交"


class CheckClosed(Refused):
    code = "identity.check-closed"
    title = "人工核验已结束"


class NotTaken(Refused):
    code = "identity.check-not-taken"
    title = "请先受理再答复"


class ReasonsMissing(Refused):
    code = "identity.check-reasons-missing"
    title = "不通过须说明原因"
    status = 422


class ReasonUnknown(Refused):
    code = "identity.check-reason-unknown"
    title = "没有这种不通过原因"
    status = 422


class CannotApprove(Refused):
    code = "identity.check-cannot-approve"
    title = "现有情况不能通过"
