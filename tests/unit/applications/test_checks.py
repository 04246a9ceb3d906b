"""What a person may type, at its borders."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.answers import LONGEST_TEXT
from services.applications.domain.checks import (
    amount,
    amount_fault,
    email_fault,
    integer_fault,
    mobile_fault,
    phone_fault,
    postcode_fault,
    read_code,
    read_email,
    read_mobile,
    read_phone,
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
        (postcode_fault, "２１００００", True),
        (postcode_fault, " 210 000 ", True),
        (postcode_fault, "21000O", False),
        (postcode_fault, "٢١٠٠٠٠", False),
        (amount_fault, "1 000", False),
        (amount_fault, "1０００", False),
        (integer_fault, "1２", False),
        (mobile_fault, "+86 138-0000-0000", True),
        (mobile_fault, "008613800000000", True),
        (mobile_fault, "１３８ ００００ ００００", True),
        (mobile_fault, "138000000001", False),
        (mobile_fault, "8613800000000 1", False),
        (mobile_fault, "12800000000", False),
        (phone_fault, "０２５－８３１３３３８５", True),
        (phone_fault, "025—83133385", True),
        (phone_fault, "400-123-4567", True),
        (phone_fault, "010-12381-6", False),
        (email_fault, "ｎａｍｅ＠example.com", True),
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


@pytest.mark.parametrize(
    ("read", "typed", "kept"),
    [
        (read_code, " ２１００ ００", "210000"),
        (read_mobile, "+86 138-0000-0000", "13800000000"),
        (read_mobile, "86１３８００００００００", "13800000000"),
        (read_mobile, "86138", "86138"),
        (read_phone, "０２５－８３１３３３８５", "025-83133385"),
        (read_phone, "+86 138-0000-0000", "13800000000"),
        (read_email, " ｎａｍｅ＠example.com ", "name@example.com"),
    ],
)
def test_what_is_kept_is_what_was_meant(read: Callable[[str], str], typed: str, kept: str) -> None:
    assert read(typed) == kept


@given(st.text(max_size=30) | st.text("0123456789０１３８９ -－—+", min_size=6, max_size=16))
def test_what_passes_is_kept_plain_and_is_read_the_same_again(typed: str) -> None:
    for read, fault in ((read_code, postcode_fault), (read_mobile, mobile_fault), (read_phone, phone_fault)):
        kept = read(typed)
        assert fault(typed) is not None or (kept.isascii() and read(kept) == kept and fault(kept) is None)


@given(st.integers(0, 10**8 - 1), st.sampled_from("3456789"))
def test_every_mobile_is_the_same_however_it_is_typed(rest: int, second: str) -> None:
    plain = f"1{second}{rest:09d}"[:11]
    wide = "".join(chr(ord(c) + 0xFEE0) for c in plain)
    for typed in (
        plain,
        wide,
        f"+86{plain}",
        f"0086 {plain[:3]} {plain[3:7]} {plain[7:]}",
        f"{plain[:3]}-{plain[3:7]}-{plain[7:]}",
    ):
        assert mobile_fault(typed) is None and read_mobile(typed) == plain
