"""登录名 and password: what the account rules say of them. The texts are plain and stay at the edge."""

import string
from collections.abc import Iterator, Mapping
from typing import Any

from libs.events.errors import Refused
from services.identity.domain.accounts.refusals import LoginNotAllowed, PasswordNotAllowed

_SPECIAL = set(string.punctuation)


def normalise(login: str) -> str:
    """Names that differ by case only are one name; letters are ASCII, so nothing looks like another."""
    return login.strip().lower()


def login_refusals(login: str, rules: Mapping[str, Any]) -> list[Refused]:
    rule = rules["login"]
    allowed = set(string.ascii_letters + string.digits + rule["others"])
    if rule["shortest"] <= len(login) <= rule["longest"] and set(login) <= allowed:
        return []
    return [LoginNotAllowed(rule["words"], rule=rule["source"], way_out=rule["words"])]


def password_refusals(password: str, login: str, rules: Mapping[str, Any]) -> list[Refused]:
    """Letters, digits and special characters, no spaces, not the login name; any length the rules allow."""
    rule = rules["password"]
    fits = rule["shortest"] <= len(password) <= rule["longest"] and _has_every_kind(password)
    if fits and not any(c.isspace() for c in password) and login.lower() not in password.lower():
        return []
    return [PasswordNotAllowed(rule["words"], rule=rule["source"], way_out=rule["words"])]


def _has_every_kind(password: str) -> bool:
    return (
        any(c.isalpha() for c in password)
        and any(c.isdigit() for c in password)
        and any(c in _SPECIAL for c in password)
    )


def suggestions(login: str, rules: Mapping[str, Any]) -> Iterator[str]:
    """Names like the one that is taken, without end in sight; the caller keeps the free ones."""
    rule = rules["login"]
    stem = normalise(login)[: rule["longest"] - 4]
    for n in range(1, rule["suggestions_tried"] + 1):
        yield f"{stem}{n:02d}".ljust(rule["shortest"], "0")
