"""Why a review is refused."""

from libs.events.errors import Refused


class ActUnknown(Refused):
    code = "identity.act-unknown"
    title = "没有这项管理行为"
    status = 404


class AlreadyReviewed(Refused):
    code = "identity.already-reviewed"
    title = "这项管理行为已经审查"


class NotYourReview(Refused):
    code = "identity.not-your-review"
    title = "这项管理行为由另一管理员审查"
    status = 403


class NoteMissing(Refused):
    code = "identity.note-missing"
    title = "提出异议须写明理由"
    status = 422
