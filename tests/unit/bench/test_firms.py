"""Firms of a load have codes that the product accepts, up to the last serial number, and none twice."""

from bench.people import firm
from services.applications.domain.checks import mobile_fault
from services.identity.domain.accounts import creditcode, idnumber

SERIALS = (*range(1, 3_000), 9_999, 10_000, 54_321, 99_998, 99_999)


def test_every_firm_has_valid_codes_of_its_own() -> None:
    made = [firm(serial) for serial in SERIALS]
    numbers = [one.real_name["document_number"] for one in made]
    assert not [number for number in numbers if idnumber.problems(number)]
    assert not [one.code for one in made if creditcode.problems(one.code)]
    assert not [one.serial for one in made if mobile_fault(one.profile()["contact_mobile"])]
    for values in (
        numbers,
        [one.code for one in made],
        [one.login for one in made],
        [one.registration["phone"] for one in made],
    ):
        assert len(set(values)) == len(SERIALS)
