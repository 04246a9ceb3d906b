"""登录名 and password rules."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain.accounts.logins import login_refusals, normalise, password_refusals, suggestions
from tests.unit.identity.kit import RULES


@pytest.mark.parametrize("login", ["abc123", "Xiamen@2024", "a@b@c1", "0123456789abcdef"])
def test_a_login_name_of_letters_digits_and_at(login: str) -> None:
    assert login_refusals(login, RULES) == []


@pytest.mark.parametrize(
    "login", ["", "abc12", "0123456789abcdefg", "abc 123", " abc123", "abc-123", "厦门公司账户", "аdmin1", "ａbc123"]
)
def test_another_login_name_is_refused_with_the_rule(login: str) -> None:
    (refusal,) = login_refusals(login, RULES)
    assert refusal.code == "identity.login-not-allowed"
    assert refusal.status == 422
    assert "6至16" in refusal.detail and refusal.way_out == refusal.detail
    assert refusal.rule == RULES["login"]["source"]


def test_login_names_that_differ_by_case_are_one() -> None:
    assert normalise("AbC123") == normalise("abc123")


@pytest.mark.parametrize("password", ["Abc12345!", "a1!" + "x" * 125, "密码pass-word9"])
def test_a_password_with_letters_digits_and_special_characters(password: str) -> None:
    assert password_refusals(password, "xiamen01", RULES) == []


@pytest.mark.parametrize(
    "password",
    ["", "Abc1234!", "abcdefgh1", "12345678!", "abcdefgh!", "Abc 12345!", "a1!" + "x" * 126, "Xiamen01-9!"],
)
def test_another_password_is_refused(password: str) -> None:
    (refusal,) = password_refusals(password, "xiamen01", RULES)
    assert refusal.code == "identity.password-not-allowed"
    assert refusal.detail == refusal.way_out == RULES["password"]["words"]
    assert refusal.rule == RULES["password"]["source"]


@given(st.text("abcXYZ019@", min_size=6, max_size=16))
def test_suggestions_are_allowed_names_and_differ(login: str) -> None:
    found = list(islice(suggestions(login, RULES), 20))
    assert len(set(found)) == 20
    assert all(login_refusals(name, RULES) == [] for name in found)


def test_suggestions_are_numbered_from_one_and_as_long_as_a_name_must_be() -> None:
    assert list(islice(suggestions("ABC123", RULES), 2)) == ["abc12301", "abc12302"]
    assert next(suggestions("a", RULES)) == "a01000"
    assert next(suggestions("0123456789abcdef", RULES)) == "0123456789ab01"
    assert len(list(suggestions("abc123", RULES))) == RULES["login"]["suggestions_tried"]
