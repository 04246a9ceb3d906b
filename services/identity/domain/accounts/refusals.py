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


class NotNaturalPerson(Refused):
    code = "identity.not-natural-person"
    title = "只有自然人账户可以办理自然人实名认证"


class PromiseMissing(Refused):
    code = "identity.promise-missing"
    title = "请先阅读并作出真实性承诺"
    status = 422


class RegistrationRunning(Refused):
    code = "identity.registration-running"
    title = "同一登录名和手机号正在注册"


class AgreementsOutdated(Refused):
    code = "identity.agreements-outdated"
    title = "协议或隐私政策已更新"


class PhoneAlreadyConfirmed(Refused):
    code = "identity.phone-already-confirmed"
    title = "手机号已核验"


class NotVerified(Refused):
    code = "identity.not-verified"
    title = "账户尚未完成法人实名认证"


class SamePhone(Refused):
    code = "identity.same-phone"
    title = "新手机号与现绑定的相同"
    status = 422


class MergeNotPossible(Refused):
    code = "identity.merge-not-possible"
    title = "账户不能合并"


class RecoveryMismatch(Refused):
    """信息有误: the same whether nobody stands for the enterprise or something stated is different."""

    code = "identity.recovery-mismatch"
    title = "信息有误"


class CaptchaWrong(Refused):
    code = "identity.captcha-wrong"
    title = "图形验证码不正确或已失效"
    status = 422


class CaptchaNeeded(Refused):
    code = "identity.captcha-needed"
    title = "请先完成图形验证码"
    status = 422


class PasswordWrong(Refused):
    code = "identity.password-wrong"
    title = "登录密码不正确"
    status = 422


class PasswordCommon(Refused):
    code = "identity.password-common"
    title = "密码过于常见，容易被猜到"
    status = 422


class CreditCodeNotAllowed(Refused):
    code = "identity.credit-code-not-allowed"
    title = "统一社会信用代码不正确"
    status = 422


class OutsideIdentityTaken(Refused):
    code = "identity.outside-identity-taken"
    title = "该统一登录身份已关联其他账户"


class OutsideIdentityUnknown(Refused):
    code = "identity.outside-identity-unknown"
    title = "没有关联该统一登录身份"
    status = 404


class OtherEnterprise(Refused):
    code = "identity.outside-other-enterprise"
    title = "统一登录的企业与账户的企业不一致"


class TooManyOutsideIdentities(Refused):
    code = "identity.outside-identities-too-many"
    title = "账户关联的统一登录身份已达上限"
