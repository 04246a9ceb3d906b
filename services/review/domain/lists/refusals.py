"""Why an act on a list is refused."""

from libs.events.errors import Refused


class NotThePublisher(Refused):
    code = "review.not-the-publisher"
    title = "名单只能由本层级、本辖区的发布人员办理"


class ListAlreadyFrozen(Refused):
    code = "review.list-already-frozen"
    title = "名单已冻结"


class ListNotFrozen(Refused):
    code = "review.list-not-frozen"
    title = "名单尚未冻结"


class EmptyList(Refused):
    code = "review.empty-list"
    title = "名单没有成员"
    status = 422


class AnswersMissing(Refused):
    code = "review.answers-missing"
    title = "名单中尚有案卷没有答复"


class NobodyAccepted(Refused):
    code = "review.nobody-accepted"
    title = "名单中没有案卷可以列入"


class OtherPurpose(Refused):
    code = "review.other-purpose"
    title = "名单不是为此而设"


class AlreadyPublished(Refused):
    code = "review.already-published"
    title = "名单已公示"


class AlreadyAnnounced(Refused):
    code = "review.already-announced"
    title = "名单已公告"


class NoPublicityHere(Refused):
    code = "review.no-publicity-here"
    title = "审核链条在本层级没有公示环节"


class NoticeInThePast(Refused):
    code = "review.notice-in-the-past"
    title = "公示不能从过去的日期开始"
    status = 422
