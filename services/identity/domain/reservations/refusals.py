"""Why a value cannot be reserved."""

from libs.events.errors import Refused


class ValueTaken(Refused):
    code = "identity.value-taken"
    title = "该信息已被其他账户使用"
