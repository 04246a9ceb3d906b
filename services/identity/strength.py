"""密码强度 as it is shown while somebody types: 低, 中 or 高, with the reason; by zxcvbn."""

from typing import Any

from libs.events.web.desk import Desk
from services.identity import choosing

# Longer ones are strong by length; the measure's own cost grows with the square of it.
LONGEST_MEASURED = 64
_LEVELS = ("低", "低", "中", "中", "高")


def shown(desk: Desk, password: str, login: str) -> dict[str, Any]:
    """Strength of 0 to 4, and everything that would be refused."""
    refusals = choosing.refusals(desk, password, login)
    score = _score(password, login)
    return {
        "score": 0 if refusals else score,
        "level": _LEVELS[0 if refusals else score],
        "accepted": not refusals,
        "refusals": [
            {"code": refusal.code, "text": refusal.detail, "way_out": refusal.way_out} for refusal in refusals
        ],
    }


def _score(password: str, login: str) -> int:
    # Loaded with the first question: its word lists are large.
    from zxcvbn import zxcvbn

    if not password:
        return 0
    return int(zxcvbn(password[:LONGEST_MEASURED], user_inputs=[login] if login else [])["score"])
