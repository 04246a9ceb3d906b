"""居民身份证号."""

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
