"""Why a command about an official is refused."""

from libs.events.errors import Refused


class OfficialUnknown(Refused):
    code = "identity.official-unknown"
    title = "没有这位工作人员"
    status = 404


class AlreadyAppointed(Refused):
    code = "identity.already-appointed"
    title = "该工作人员已任此职"


class OfficialExists(Refused):
    code = "identity.official-exists"
    title = "登录名已属于一位工作人员，请为其增加任职"


class OfficeWrong(Refused):
    code = "identity.office-wrong"
    title = "任职的机关、层级、区划或角色不正确"
    status = 422


class DocumentMissing(Refused):
    code = "identity.document-missing"
    title = "请填写任命文号"
    status = 422


class AppointmentOver(Refused):
    code = "identity.appointment-over"
    title = "任期截止时间已过"
    status = 422


class AppointmentUnknown(Refused):
    code = "identity.appointment-unknown"
    title = "没有这项任职"
    status = 404


class NotAppointed(Refused):
    code = "identity.not-appointed"
    title = "没有有效的任职"
    status = 403
