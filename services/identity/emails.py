"""电子邮箱: what is taken as an address, and its one form."""

import re

_ADDRESS = re.compile(r"[^@\s<>\"(),:;\\\x00-\x1f]+@[^@\s.<>\"(),:;\\]+(\.[^@\s.<>\"(),:;\\]+)+")
LONGEST = 254


def normalise(text: str) -> str | None:
    """Lower case of the whole, None when it is no address: nobody has two boxes that differ by case."""
    typed = text.strip()
    if len(typed) > LONGEST or not typed.isascii() or _ADDRESS.fullmatch(typed) is None:
        return None
    return typed.lower()
