"""The edges of assessment: proofs by their content, numbers that would not end, rules that are wrong at start."""

from pathlib import Path

import pytest

from services.assessment.authoring.library import checked
from services.assessment.domain.digital.refusals import EvidenceInvalid
from services.assessment.domain.policies import Files
from services.assessment.domain.rules import PolicyFault
from services.assessment.domain.rules.numbers import exact
from services.assessment.evidence import LONGEST_NAME, examined, normalised
from tests.unit.assessment.samples import POLICY, indicator, srdi

RULES = Files(("pdf", "png"), 1)
PDF = b"%PDF-1.7 ..."


def test_a_proof_is_known_by_its_content_and_hash() -> None:
    proof = examined(RULES, "e" * 32, "C:\\结果\u202e.pdf", PDF)
    assert (proof.name, proof.size, proof.media_type) == ("结果_.pdf", len(PDF), "application/pdf")
    assert proof == examined(RULES, "e" * 32, "结果_.pdf", PDF)
    assert proof.blob != examined(RULES, "f" * 32, "结果_.pdf", PDF).blob


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xd8\xff\xe0", PDF + b" " * 1024 * 1024])
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(EvidenceInvalid):
        examined(RULES, "e" * 32, "结果.pdf", content)


@pytest.mark.parametrize("name", ["", "长" * 500 + ".pdf", "x." + "y" * 500, "../../etc/passwd"])
def test_any_name_is_kept_short(name: str) -> None:
    kept = normalised(name)
    assert 0 < len(kept) <= LONGEST_NAME and "/" not in kept


@pytest.mark.parametrize("value", [None, True, [1], {"1": 1}, b"1", "", "1,000", "NaN", "-Infinity"])
def test_what_is_no_number_is_none(value: object) -> None:
    assert exact(value) is None


@pytest.mark.parametrize("text", ["1e99999999", "-1e99999999", "1e-99999999", "9" * 60, 10**60])
def test_a_number_that_would_not_end_is_no_number(text: object) -> None:
    assert exact(text) is None


def test_a_form_with_such_a_number_is_answered_at_once() -> None:
    assert indicator(srdi(revenue_y1="1e99999999"), "S1").state == "missing"


def test_what_was_chosen_is_shown_in_words() -> None:
    quality = indicator(srdi(management_certifications=["iso9001", "other"]), "S6")
    shown = {one.field: one.value for one in quality.inputs}
    assert shown["management_certifications"] == "ISO9001质量管理体系、其他管理体系"


@pytest.mark.parametrize("chosen", ["iso9001", ["iso9002"], [["iso9001"]], [1], {"iso9001": True}])
def test_what_nobody_can_choose_counts_as_not_filled_in(chosen: object) -> None:
    quality = indicator(srdi(management_certifications=chosen), "S6")
    assert (quality.state, quality.low, quality.high) == ("missing", "3", "5")
    assert "不在可选项之内" in (quality.reason or "")


def test_a_wrong_rule_stops_the_start_naming_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    text = (POLICY / "packs" / "srdi-2022-63.yaml").read_text(encoding="utf-8")
    (tmp_path / "packs" / "p.yaml").write_text(text.replace("max: 15", "max: 14", 1), encoding="utf-8")
    with pytest.raises(PolicyFault) as fault:
        checked(tmp_path)
    assert fault.value.file == "packs/p.yaml" and fault.value.line > 0
    assert checked(POLICY) == POLICY


@pytest.mark.parametrize(("value", "shown"), [(0.1, "0.10"), (29.95, "29.95"), ("0.1", "0.10")])
def test_a_binary_fraction_counts_by_its_digits(value: object, shown: str) -> None:
    assert exact(value) == exact(shown)


LARGEST = 90_000_000_000_000_000
"""万元: in hundredths the widest integer that an expression takes."""


@pytest.mark.parametrize(
    ("amount", "reason"),
    [(f"{LARGEST}.00", None), (f"-{LARGEST}.00", None), (f"{LARGEST}.01", "数值过大"), (f"-{LARGEST}.01", "数值过大")],
)
def test_an_amount_beyond_what_can_be_computed_is_missing_with_that_reason(amount: str, reason: str | None) -> None:
    shown = {one.field: one for one in indicator(srdi(revenue_y1=amount), "S1").inputs}
    assert shown["revenue_y1"].reason == reason
