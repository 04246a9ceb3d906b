"""Why an act on a title is refused."""

from libs.events.errors import Refused


class NotTheCertifier(Refused):
    code = "review.not-the-certifier"
    title = "称号只能由认定机关办理"


class TitleStillValid(Refused):
    code = "review.title-valid"
    title = "该层级的称号仍在有效期内"


class NoSuchTitle(Refused):
    code = "review.no-such-title"
    title = "没有有效的称号"


class DatesReversed(Refused):
    code = "review.dates-reversed"
    title = "有效期的起止日期颠倒"
    status = 422


class TierUnknown(Refused):
    code = "review.tier-unknown"
    title = "没有这一层级的称号规定"
    status = 422
