"""Why an officer's act on a case is refused."""

from libs.events.errors import Refused


class NoSuchCase(Refused):
    code = "review.no-such-case"
    title = "没有这个案卷"
    status = 404


class CaseOver(Refused):
    code = "review.case-over"
    title = "案卷已办结"


class WithTheEnterprise(Refused):
    code = "review.with-the-enterprise"
    title = "案卷在企业处修改，尚未重新提交"


class NotAtReview(Refused):
    code = "review.not-at-review"
    title = "案卷不在审核环节"


class NotYourLevel(Refused):
    code = "review.not-your-level"
    title = "案卷不在您的层级或辖区"


class AlreadyInReview(Refused):
    code = "review.already-in-review"
    title = "已有审核人员在办"


class NotInReview(Refused):
    code = "review.not-in-review"
    title = "尚未开始审核"


class NotTheHolder(Refused):
    code = "review.not-the-holder"
    title = "案卷由其他审核人员在办"


class NothingUnlocked(Refused):
    code = "review.nothing-unlocked"
    title = "退回的原因没有指明可修改的内容"
    status = 422


class DutiesOpen(Refused):
    code = "review.duties-open"
    title = "本环节尚有未完成的事项"


class SamePersonTwice(Refused):
    code = "review.same-person-twice"
    title = "同一人不得在两个环节审核同一案卷"


class NoSiteCheckHere(Refused):
    code = "review.no-site-check-here"
    title = "本环节没有实地抽查"


class FindingsMissing(Refused):
    code = "review.findings-missing"
    title = "结论不是“符合”的，须说明发现的问题"
    status = 422


class RegionUnchanged(Refused):
    code = "review.region-unchanged"
    title = "移送的辖区与现辖区相同"
    status = 422


class OtherAuthority(Refused):
    code = "review.other-authority"
    title = "移送的辖区不属于本省市"
    status = 422


class RecordNotDue(Refused):
    code = "review.record-not-due"
    title = "目前不需要备案"
