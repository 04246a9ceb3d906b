"""Why somebody's values are not erased, or not kept."""

from libs.events.errors import Refused


class OnHold(Refused):
    code = "identity.subject-on-hold"
    title = "个人信息须依法保留，暂不能删除"


class AlreadyErased(Refused):
    code = "identity.subject-already-erased"
    title = "个人信息已删除，无可保留"


class HoldUnknown(Refused):
    code = "identity.hold-unknown"
    title = "没有这项保留，或者已解除"
    status = 404


class HoldOver(Refused):
    code = "identity.hold-over-before-it-began"
    title = "保留期限早于现在"
    status = 422
