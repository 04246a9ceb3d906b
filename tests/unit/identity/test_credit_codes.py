"""统一社会信用代码: one table of what is right, what is wrong and how it may be written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from services.identity.domain.accounts import creditcode


def complete(first17: str) -> str:
    return first17 + creditcode.check_character(first17)


@pytest.mark.parametrize(
    "code",
    [
        "914403001922038216",
        "9144030071526726XG",
        "91350100M000100Y43",
        complete("A1110000600037341"),
        complete("N2330106MA2CXXXX1"),
        complete("Y1110000MA01N1234"),
        complete("5132000050001234X"),
    ],
)
def test_a_right_code_passes_whatever_it_begins_with(code: str) -> None:
    assert creditcode.problems(code) == ()


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "credit-code.length"),
        ("91440300192203821", "credit-code.length"),
        ("9144030019220382166", "credit-code.length"),
        ("914403001922038217", "credit-code.check-digit"),
        ("914403001922038261", "credit-code.check-digit"),
        ("9144030O1922038216", "credit-code.letter"),
        ("91440300I922038216", "credit-code.letter"),
        ("91440300192203821S", "credit-code.letter"),
        ("V14403001922038216", "credit-code.letter"),
        ("Z14403001922038216", "credit-code.letter"),
        ("91440300192203821é", "credit-code.letter"),
        (complete("92350200MA2XN1234"), "credit-code.individual-business"),
    ],
)
def test_a_wrong_code_says_what_is_wrong(typed: str, problem: str) -> None:
    assert creditcode.problems(creditcode.normalise(typed)) == (problem,)


@pytest.mark.parametrize(
    "typed",
    [
        "9144030071526726xg",
        " 9144 0300 7152 6726 XG ",
        "91440300-715267-26XG",
        "９１４４０３００７１５２６７２６ＸＧ",
        "９１４４０３００７１５２６７２６ｘｇ\u3000",
    ],
)
def test_a_code_is_read_as_people_write_it(typed: str) -> None:
    assert creditcode.normalise(typed) == "9144030071526726XG"


def test_the_organisation_codes_own_digit_only_warns() -> None:
    assert creditcode.organisation_digit_fits("D2143569X")
    odd = complete("91440300192203822")
    assert creditcode.problems(odd) == ()
    assert creditcode.warnings(odd) == ("credit-code.organisation-digit",)
    assert creditcode.warnings("914403001922038216") == ()


@given(st.text("0123456789", min_size=8, max_size=8), st.text(creditcode.ALPHABET, min_size=9, max_size=9))
def test_with_eight_leading_digits_it_agrees_with_the_kept_library(region: str, organisation: str) -> None:
    code = complete(region + organisation)
    assert uscc.is_valid(code)
    assert creditcode.problems(code) in ((), ("credit-code.individual-business",))


@given(st.text(max_size=40))
def test_whatever_is_typed_gets_an_answer(typed: str) -> None:
    assert isinstance(creditcode.problems(creditcode.normalise(typed)), tuple)


VECTORS = ("914403001922038216", "9144030071526726XG", "91350100M000100Y43")


@pytest.mark.parametrize("code", VECTORS)
def test_no_single_character_can_be_wrong_unnoticed(code: str) -> None:
    for place, right in enumerate(code):
        for wrong in creditcode.ALPHABET.replace(right, ""):
            assert creditcode.problems(code[:place] + wrong + code[place + 1 :]) == ("credit-code.check-digit",)


@pytest.mark.parametrize("code", VECTORS)
def test_no_two_neighbours_can_be_exchanged_unnoticed(code: str) -> None:
    for place in range(17):
        left, right = code[place], code[place + 1]
        if left != right:
            assert creditcode.problems(code[:place] + right + left + code[place + 2 :])


@pytest.mark.parametrize("code", ["D2143569X", "192203821", "71526726X"])
def test_an_organisation_codes_digit_is_the_only_one_that_fits(code: str) -> None:
    """GB 11714: the standard's example, and two that stand inside right credit codes."""
    assert [c for c in "0123456789X" if creditcode.organisation_digit_fits(code[:8] + c)] == [code[8]]
