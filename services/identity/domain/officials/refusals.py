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


class SeparatedDuties(Refused):
    code = "identity.separated-duties"
    title = "系统、安全、审计管理员须由不同的人担任，且不得兼任其他职务"


class PersonalPhoneMissing(Refused):
    code = "identity.personal-phone-missing"
    title = "三员的任命须填写本人手机号码"
    status = 422


class NotSuspended(Refused):
    code = "identity.not-suspended"
    title = "该任职没有停职"


class NotDelegable(Refused):
    code = "identity.not-delegable"
    title = "这项任职不能移交或委托"


class DelegateUnknown(Refused):
    code = "identity.delegate-unknown"
    title = "同一机关没有这位工作人员，或者就是本人"
    status = 422


class DelegationTooLong(Refused):
    code = "identity.delegation-too-long"
    title = "委托的时间过长"
    status = 422


class DelegationUnknown(Refused):
    code = "identity.delegation-unknown"
    title = "没有这项委托"
    status = 404


class NotYourAppointment(Refused):
    code = "identity.not-your-appointment"
    title = "只能委托自己的任职"
    status = 403


class FactorUnknown(Refused):
    code = "identity.second-factor-unknown"
    title = "没有这种二次验证方式"
    status = 404


class LastFactor(Refused):
    code = "identity.last-second-factor"
    title = "不能移除唯一的二次验证方式"


class NotAppointed(Refused):
    code = "identity.not-appointed"
    title = "没有有效的任职"
    status = 403
