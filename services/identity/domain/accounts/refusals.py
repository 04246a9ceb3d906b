"""Why a command about an account is refused."""

from libs.events.errors import Refused


class LoginNotAllowed(Refused):
    code = "identity.login-not-allowed"
    title = "登录名不符合规则"
    status = 422


class PasswordNotAllowed(Refused):
    code = "identity.password-not-allowed"
    title = "密码不符合规则"
    status = 422


class PhoneNotAllowed(Refused):
    code = "identity.phone-not-allowed"
    title = "手机号码不正确"
    status = 422


class EmailNotAllowed(Refused):
    code = "identity.email-not-allowed"
    title = "电子邮箱不正确"
    status = 422


class AgreementsMissing(Refused):
    code = "identity.agreements-missing"
    title = "请先阅读并同意用户注册协议和隐私政策"
    status = 422


class LoginTaken(Refused):
    code = "identity.login-taken"
    title = "登录名已被使用"


class PhoneTaken(Refused):
    code = "identity.phone-taken"
    title = "手机号码已绑定其他账户"


class ReservationLapsed(Refused):
    code = "identity.reservation-lapsed"
    title = "登录名或手机号的保留已过期，请重新提交注册"


class AlreadyRegistered(Refused):
    code = "identity.already-registered"
    title = "账户已注册"


class AccountUnknown(Refused):
    code = "identity.account-unknown"
    title = "账户不存在"
    status = 404


class AlreadyVerified(Refused):
    code = "identity.already-verified"
    title = "账户已完成实名认证"


class PromiseMissing(Refused):
    code = "identity.promise-missing"
    title = "请先阅读并作出真实性承诺"
    status = 422


class RegistrationRunning(Refused):
    code = "identity.registration-running"
    title = "同一登录名和手机号正在注册"
