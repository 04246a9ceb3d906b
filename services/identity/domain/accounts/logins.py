"""登录名 and password: what the account rules say of them. The texts are plain and stay at the edge."""

import string
from collections.abc import Iterator, Mapping
from typing import Any

from libs.events.decider import Policies, Policy
from libs.events.errors import Refused
from services.identity.domain.accounts.refusals import LoginNotAllowed, PasswordCommon, PasswordNotAllowed
from services.identity.domain.rules import account_rules

COMMON = "common-passwords"
_SPECIAL = set(string.punctuation)
_DECORATION = string.digits + string.punctuation
REPLACED = str.maketrans("@$0135", "asoles")
_LISTS: dict[str, frozenset[str]] = {}


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


def chosen_refusals(password: str, login: str, policies: Policies) -> list[Refused]:
    """What stands against a password that somebody, whoever it is, chooses for themselves or for an official."""
    return [*password_refusals(password, login, account_rules(policies)), *common_refusals(password, policies)]


def common_refusals(password: str, policies: Policies) -> list[Refused]:
    """A common password stays one with digits and signs around it, or with the usual letters replaced."""
    policy = policies.of_authority(COMMON, "national")
    listed = _listed(policy)
    lower = password.lower()
    plain = "".join(c for c in lower if c not in _SPECIAL)
    core = lower.strip(_DECORATION)
    spellings = {lower, plain, core, lower.translate(REPLACED).strip(_DECORATION), core.translate(REPLACED)}
    if not spellings & listed:
        return []
    return [PasswordCommon(policy.content["words"], rule=policy.source, way_out=policy.content["way_out"])]


def _listed(policy: Policy) -> frozenset[str]:
    """The same text is the same list: made once."""
    if policy.sha256 not in _LISTS:
        _LISTS[policy.sha256] = frozenset(row["password"] for row in policy.rows)
    return _LISTS[policy.sha256]


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
