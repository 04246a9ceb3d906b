"""居民身份证号 (GB 11643-1999): 18 characters, a date of birth, a check character."""

import unicodedata
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


def normalise(text: str) -> str:
    half = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in half if not c.isspace() and c != "-")


def problems(number: str, today: date | None = None) -> tuple[str, ...]:
    """What is wrong with a normalised number, as reason codes. `number` is plain and stays at the edge. With `today`
    nobody is born later."""
    first, last = number[:17], number[17:]
    if len(number) != 18 or not (first.isascii() and first.isdigit()):
        return ("id-number.format",)
    born = _date(number[6:14])
    if born is None or (today is not None and born > today):
        return ("id-number.birth-date",)
    if last != check_character(first):
        return ("id-number.check-digit",)
    return ()


def check_character(first17: str) -> str:
    return _CHECK[sum(int(c) * w for c, w in zip(first17, _WEIGHTS, strict=True)) % 11]


def _date(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
