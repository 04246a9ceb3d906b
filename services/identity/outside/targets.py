"""Where a sign-in may end: a plain path of our own origin, below one of those configured. Everything else is refused."""

import re
from collections.abc import Sequence

from libs.events.errors import Refused

# Unreserved characters alone: no escapes, no backslashes, no second slash, no dot segments, nothing a browser would
# read otherwise than we do.
_PATH = re.compile(r"/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*)?")
_QUERY = re.compile(r"[A-Za-z0-9._~=&-]*")


class TargetNotAllowed(Refused):
    code = "identity.return-not-allowed"
    title = "登录后只能返回本平台的页面"
    status = 422


def checked(target: str, allowed: Sequence[str]) -> str:
    """The target as it was given. Raises TargetNotAllowed."""
    path, _, query = target.partition("?")
    below = any(path == one or path.startswith(one.rstrip("/") + "/") for one in allowed)
    if not (_PATH.fullmatch(path) and _QUERY.fullmatch(query) and below):
        raise TargetNotAllowed(
            "返回地址须为本平台内的路径，不含域名、反斜杠和转义字符", way_out="请从本平台的登录页重新开始"
        )
    return target
