"""What a person may type, at its borders."""

from collections.abc import Callable

import pytest

from services.applications.domain.answers import LONGEST_TEXT
from services.applications.domain.checks import (
    amount,
    amount_fault,
    email_fault,
    integer_fault,
    mobile_fault,
    phone_fault,
    postcode_fault,
    text_fault,
)

LONGEST_EMAIL = "aa@" + ("b" * 61 + ".") * 4 + "com"


@pytest.mark.parametrize(
    ("check", "text", "right"),
    [
        (text_fault, "字" * 200, True),
        (text_fault, "字" * 201, False),
        (text_fault, " \u3000", False),
        (text_fault, "一\x00二", False),
        (amount_fault, "1000.00", True),
        (amount_fault, "1,000.00", False),
        (amount_fault, "1，000", False),
        (amount_fault, "0.005", False),
        (integer_fault, "12", True),
        (integer_fault, "1.0", False),
        (postcode_fault, "210000", True),
        (postcode_fault, "21000", False),
        (mobile_fault, "13800000000", True),
        (mobile_fault, "23800000000", False),
        (phone_fault, "025-83133385", True),
        (phone_fault, "13800000000", True),
        (phone_fault, "83133385x", False),
        (email_fault, LONGEST_EMAIL, True),
        (email_fault, "a" + LONGEST_EMAIL, False),
        (email_fault, "example.com", False),
    ],
)
def test_borders(check: Callable[[str], str | None], text: str, right: bool) -> None:
    assert (check(text) is None) == right


def test_a_comma_is_named() -> None:
    """Whoever writes a separator learns that, in both its widths, and not only that the number is wrong."""
    assert amount_fault("1,000") == amount_fault("1，000") == "金额不要写千分位逗号"


def test_one_way_to_write_an_amount() -> None:
    assert [amount("7"), amount("7.5"), amount("007.50")] == ["7.00", "7.50", "7.50"]


def test_a_long_answer_has_an_end() -> None:
    assert (text_fault("字" * LONGEST_TEXT, LONGEST_TEXT), LONGEST_TEXT) == (None, 2000)
