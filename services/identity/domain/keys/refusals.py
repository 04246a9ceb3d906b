"""Why a command about signing keys is refused."""

from libs.events.errors import Refused


class KeyUnknown(Refused):
    code = "identity.signing-key-unknown"
    title = "没有这个签名密钥"
    status = 404


class LastKey(Refused):
    code = "identity.last-signing-key"
    title = "没有其他可用的签名密钥，不能停用"
