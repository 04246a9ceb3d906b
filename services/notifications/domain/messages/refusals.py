"""Why a command about a message is refused."""

from libs.events.errors import Refused


class MessageUnknown(Refused):
    code = "notifications.message-unknown"
    title = "没有这条消息"
    status = 404
