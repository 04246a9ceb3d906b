"""统一社会信用代码 (GB 32100-2015), 18 characters; its characters 9–17 are the 组织机构代码 (GB 11714).

Own code, because the kept library refuses letters among the first eight, so every code that begins with A, N or Y.
"""

import unicodedata

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_INDIVIDUAL_BUSINESS = "92"


def normalise(text: str) -> str:
    """Full width to half, lower to upper case, without spaces and hyphens."""
    half = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in half if not c.isspace() and c != "-")


def problems(code: str) -> tuple[str, ...]:
    """What is wrong with a normalised code, as reason codes; the first that applies, since the rest follows from it."""
    if len(code) != 18:
        return ("credit-code.length",)
    if any(c not in ALPHABET for c in code):
        return ("credit-code.letter",)
    if code[-1] != check_character(code[:17]):
        return ("credit-code.check-digit",)
    if code.startswith(_INDIVIDUAL_BUSINESS):
        return ("credit-code.individual-business",)
    return ()


def warnings(code: str) -> tuple[str, ...]:
    """Older and special bodies keep organisation codes whose own digit does not fit: told, never refused."""
    return () if organisation_digit_fits(code[8:17]) else ("credit-code.organisation-digit",)


def check_character(first17: str) -> str:
    """Weights 3^i mod 31 for i = 0…16; 31 − Σ mod 31, written in the alphabet."""
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(first17))
    return ALPHABET[-total % 31]


def organisation_digit_fits(code: str) -> bool:
    """The ninth character of a 组织机构代码: 11 − Σ mod 11, where 10 is X and 11 is 0."""
    total = sum(_ORGANISATION_DIGITS.index(c) * w for c, w in zip(code[:8], _ORGANISATION_WEIGHTS, strict=True))
    return code[8] == "0123456789X0"[11 - total % 11]
