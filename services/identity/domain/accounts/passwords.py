"""What the password rules say beside the form: context words, how long an initial password waits, renewal."""

from collections.abc import Iterable, Mapping
from typing import Any

from libs.events.decider import Policies
from libs.events.errors import Refused
from services.identity.domain.accounts.logins import REPLACED

KIND = "password-rules"
DAY_MS = 86_400_000


class PasswordFromContext(Refused):
    code = "identity.password-from-context"
    title = "密码与平台或您自己的信息太接近"
    status = 422


class PasswordBreached(Refused):
    code = "identity.password-breached"
    title = "密码出现在已泄露密码的名单上"
    status = 422


def password_rules(policies: Policies) -> Mapping[str, Any]:
    """Raises PolicyMissing."""
    return policies.of_authority(KIND, "national").content


def context_refusals(password: str, own: Iterable[str], policies: Policies) -> list[Refused]:
    """语境词 (ASVS 6.2.11): `own` are the holder's login name, phone, e-mail, enterprise. A password may contain them beside
    enough else; one that is little more is refused."""
    policy = policies.of_authority(KIND, "national")
    rule = policy.content["context"]
    words = {*rule["words"], *(word for word in own if len(word) >= rule["shortest_own"])}
    lower = password.lower()
    if not any(_little_beside(text, words, rule["letters_beside"]) for text in (lower, lower.translate(REPLACED))):
        return []
    return [PasswordFromContext(rule["words_told"], rule=policy.source, way_out=rule["way_out"])]


def _little_beside(text: str, words: Iterable[str], letters: int) -> bool:
    """The longest words go first, so that none leaves a part of itself behind."""
    left = text
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word.lower(), " ")
    return left != text and sum(c.isalpha() for c in left) < letters


def initial_over(set_ms: int, now_ms: int, policies: Policies) -> bool:
    """初始密码 (ASVS 6.4.1): whether one that somebody else set then has waited too long. Wall milliseconds."""
    days: int = password_rules(policies)["initial_days"]
    return now_ms >= set_ms + days * DAY_MS


def renewal(set_ms: int, now_ms: int, policies: Policies) -> dict[str, Any] | None:
    """定期更换: what is told of a password that is older than the operator wants, None where nothing is. Wall milliseconds."""
    rules = password_rules(policies)
    days, limit = (now_ms - set_ms) // DAY_MS, rules["renewal_days"]
    if limit is None or days < limit:
        return None
    return {"days": days, "limit_days": limit, "way_out": rules["renewal_way_out"]}
