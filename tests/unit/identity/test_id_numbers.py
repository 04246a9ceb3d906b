"""居民身份证号."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from services.identity.domain.accounts import idnumber


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002X",
        "11010519491231002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        " 110105 19491231 002X ",
        "110105-19491231-002X",
        "440524188001010014",
        "４４０５２４１８８００１０１００１４",
    ],
)
def test_a_right_number_passes(number: str) -> None:
    assert idnumber.problems(idnumber.normalise(number)) == ()


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("", "id-number.format"),
        ("110105194912310021X", "id-number.format"),
        ("110105491231002", "id-number.format"),
        ("1101051949123100XX", "id-number.format"),
        ("11010519491331002X", "id-number.birth-date"),
        ("11010500001231002X", "id-number.birth-date"),
        ("110105194912310021", "id-number.check-digit"),
        ("11010519491231020X", "id-number.check-digit"),
    ],
)
def test_a_wrong_number_says_what_is_wrong(number: str, problem: str) -> None:
    assert idnumber.problems(idnumber.normalise(number)) == (problem,)


@given(st.dates().map("{:%Y%m%d}".format), st.text("0123456789", min_size=3, max_size=3))
def test_the_check_character_agrees_with_the_kept_library(day: str, order: str) -> None:
    first = "110105" + day.zfill(8) + order
    assert idnumber.check_character(first) == ric.calc_check_digit(first + "0")


@given(st.text(max_size=40))
def test_whatever_is_typed_gets_an_answer(typed: str) -> None:
    assert isinstance(idnumber.problems(idnumber.normalise(typed)), tuple)


VECTORS = ("11010519491231002X", "440524188001010014")
"""The examples of the standard itself (GB 11643)."""


@pytest.mark.parametrize("number", VECTORS)
def test_no_single_character_can_be_wrong_unnoticed(number: str) -> None:
    for place, right in enumerate(number):
        for wrong in "0123456789X":
            if wrong != right:
                assert idnumber.problems(number[:place] + wrong + number[place + 1 :])


@pytest.mark.parametrize("number", VECTORS)
def test_no_two_neighbours_can_be_exchanged_unnoticed(number: str) -> None:
    for place in range(17):
        left, right = number[place], number[place + 1]
        if left != right:
            assert idnumber.problems(number[:place] + right + left + number[place + 2 :])


def test_nobody_is_born_tomorrow() -> None:
    born = "11010520240310001"
    number = born + idnumber.check_character(born)
    assert idnumber.problems(number) == idnumber.problems(number, date(2024, 3, 10)) == ()
    assert idnumber.problems(number, date(2024, 3, 9)) == ("id-number.birth-date",)


@pytest.mark.parametrize(("day", "right"), [("20000229", True), ("19000229", False), ("20230431", False)])
def test_a_day_of_birth_is_in_the_calendar(day: str, right: bool) -> None:
    first = f"110105{day}001"
    found = idnumber.problems(first + idnumber.check_character(first))
    assert found == (() if right else ("id-number.birth-date",))
