"""Why a filing's command is refused; each says which rule, since and until when, whom to ask and the way out."""

from collections.abc import Sequence

from libs.events.errors import Refused
from services.applications.domain.answers import Fault

MANUAL = "《优质中小企业梯度培育平台企业操作手册》"


class WindowNeeded(Refused):
    code = "applications.window-needed"
    title = "此类申报须在申报时间内提交"


class WindowDoesNotFit(Refused):
    code = "applications.window-does-not-fit"
    title = "该申报时间不适用于本次申报"


class RegionNotCovered(Refused):
    code = "applications.region-not-covered"
    title = "该申报时间不覆盖企业注册地"


class NotOpenYet(Refused):
    code = "applications.not-open-yet"
    title = "申报时间尚未开始"


class WindowEnded(Refused):
    code = "applications.window-ended"
    title = "申报时间已经结束"


class OtherFilingOpen(Refused):
    code = "applications.other-filing-open"
    title = "已有一份申报正在办理"


class PrerequisiteMissing(Refused):
    code = "applications.prerequisite-missing"
    title = "前置条件未满足"


class Banned(Refused):
    code = "applications.banned"
    title = "处于不得申报的期间"


class _Faulty(Refused):
    status = 422

    def __init__(self, faults: Sequence[Fault], rule: str = "") -> None:
        super().__init__(
            "；".join(f"{fault.label}：{fault.message}" for fault in faults[:5]) + ("……" if len(faults) > 5 else ""),
            way_out="请按各项提示补充或改正后再提交",
            rule=rule,
            errors=[{"field": f.field, "label": f.label, "message": f.message} for f in faults],
        )


class FormIncomplete(_Faulty):
    code = "applications.form-incomplete"
    title = "申报表有未填或填错的内容"


class EvidenceIncomplete(_Faulty):
    code = "applications.evidence-incomplete"
    title = "佐证材料不全"


class JurisdictionNotConfirmed(Refused):
    """Reviewers see a filing by its 注册地: a wrong one hides it from them."""

    code = "applications.jurisdiction-not-confirmed"
    title = "企业注册地尚未确认"


class ProfileMoved(Refused):
    code = "applications.profile-moved"
    title = "企业基本信息在您查看之后有变动"
    status = 412


class FieldsLocked(Refused):
    code = "applications.fields-locked"
    title = "只能修改退回时要求修改的内容"


class CorrectionLate(Refused):
    code = "applications.correction-late"
    title = "补正期限已过"


class NoSuchFiling(Refused):
    code = "applications.no-such-filing"
    title = "没有这份申报"
    status = 404


class NothingToWithdraw(Refused):
    code = "applications.nothing-to-withdraw"
    title = "当前状态不能撤回"


class ReviewHasBegun(Refused):
    """主管部门已进入审核阶段，企业无法自行撤回."""

    code = "applications.review-has-begun"
    title = "主管部门已经开始审核，不能自行撤回"


class WithdrawalIsFinal(Refused):
    """申报期已结束，企业撤回后将无法重新提交."""

    code = "applications.withdrawal-is-final"
    title = "申报期已结束，撤回后将无法重新提交"


class NothingToRecall(Refused):
    code = "applications.nothing-to-recall"
    title = "当前状态不能取回"


class NothingToRevive(Refused):
    code = "applications.nothing-to-revive"
    title = "当前状态不能恢复"


class AlreadyDecided(Refused):
    code = "applications.already-decided"
    title = "该申报已经办结"


class HasReviewers(Refused):
    code = "applications.has-reviewers"
    title = "该申报须经审核，不能直接采纳"
