"""A larger list of breached passwords, as a file that the operator sets: SHA-1 hashes in hex, sorted, one a line, each
alone or followed by `:` and a count. It is looked into, never loaded: a list of any size costs no memory."""

import re
from functools import lru_cache
from hashlib import sha1
from mmap import ACCESS_READ, mmap
from pathlib import Path

from libs.events.errors import Refused
from services.identity.domain.accounts.passwords import PasswordBreached
from services.identity.settings import Settings

_LINE = re.compile(rb"[0-9A-Fa-f]{40}(:\d+)?\r?")
HEX = 40


class BreachedPasswords:
    """Raises ValueError for a file whose first line is no such hash, OSError for one that cannot be read."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            if _LINE.fullmatch(file.readline().rstrip(b"\n")) is None:
                raise ValueError(f"{path}: not a sorted list of SHA-1 hashes, one a line")
            self._lines = mmap(file.fileno(), 0, access=ACCESS_READ)

    def __contains__(self, password: str) -> bool:
        # How such lists are published; nothing is protected by it.
        wanted = sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
        low, high = 0, len(self._lines)
        while low < high:
            start = self._lines.rfind(b"\n", 0, (low + high) // 2) + 1
            found = self._lines[start : start + HEX].upper()
            if found == wanted:
                return True
            if found < wanted:
                end = self._lines.find(b"\n", start)
                low = len(self._lines) if end < 0 else end + 1
            else:
                high = start
        return False


@lru_cache(maxsize=2)
def _opened(path: Path) -> BreachedPasswords:
    return BreachedPasswords(path)


def breached_refusals(password: str, settings: Settings) -> list[Refused]:
    """None where the operator has set no file."""
    path = settings.breached_passwords
    if path is None or password not in _opened(path):
        return []
    return [PasswordBreached("该密码曾在其他网站的泄露中出现", way_out="请用几个不相关的词，中间加数字和符号")]
