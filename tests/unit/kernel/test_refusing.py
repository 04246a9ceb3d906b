"""What a refusal carries, several of them together, and the other failures by name; traces and ids beside them."""

import re
from datetime import UTC, datetime

import pytest

from libs.events.envelope import parse_reads, reads_text
from libs.events.errors import (
    Refused,
    RefusedTogether,
    Transient,
    VersionMismatch,
    refuse_if,
    refuse_together,
    refuse_unless,
)
from libs.events.ids import command_id, enterprise_id, entity_id, make_id, reaction_id, tick_id
from libs.events.trace import child_of

AT = datetime(2024, 9, 2, tzinfo=UTC)


class Closed(Refused):
    code = "toy.closed"
    title = "尚未开放"


def test_a_refusal_says_all_it_was_given_and_its_title_when_nothing() -> None:
    plain = Closed()
    assert (str(plain), plain.detail, plain.status) == ("尚未开放", "尚未开放", 409)
    assert (plain.rule, plain.since, plain.until, plain.contact, plain.way_out, plain.facts) == (
        "", None, None, None, "", {},
    )  # fmt: skip
    full = Closed("细节", rule="第三条", since=AT, until=AT, contact={"phone": "1"}, way_out="请等待", window="w")
    assert (str(full), full.detail, full.rule, full.since, full.until) == ("细节", "细节", "第三条", AT, AT)
    assert (full.contact, full.way_out, full.facts) == ({"phone": "1"}, "请等待", {"window": "w"})


def test_one_refusal_is_raised_as_itself_and_several_together() -> None:
    one, other = Closed("甲"), Closed("乙")
    refuse_together([])
    with pytest.raises(Closed) as alone:
        refuse_together([one])
    assert alone.value is one
    with pytest.raises(RefusedTogether) as both:
        refuse_together([one, other])
    assert both.value.refusals == [one, other]
    assert (str(both.value), both.value.code, both.value.status) == ("甲；乙", "platform.several-refusals", 409)


def test_a_guard_refuses_on_its_condition_alone() -> None:
    refuse_if(False, Closed())
    refuse_unless(True, Closed())
    with pytest.raises(Closed):
        refuse_if(True, Closed())
    with pytest.raises(Closed):
        refuse_unless([], Closed())


def test_a_lost_race_names_both_versions_and_what_is_away_when_to_come_again() -> None:
    lost = VersionMismatch(3, 5)
    assert (lost.expected, lost.actual, str(lost)) == (3, 5, "expected version 3, found 5")
    assert (Transient("x").retry_after, Transient("x", 9).retry_after) == (2, 9)


@pytest.mark.parametrize("reads", [[], [("window-1-a", 3)], [("window-1-a", 3), ("filing-b-c", 12)]])
def test_what_a_decision_read_comes_back_from_its_text(reads: list[tuple[str, int]]) -> None:
    assert parse_reads(reads_text(reads)) == reads


def test_what_a_decision_read_is_written_in_one_way() -> None:
    assert reads_text([("window-1-a", 3), ("filing-b-c", 12)]) == "window-1-a@3,filing-b-c@12"
    assert reads_text([]) == "-"


def test_each_kind_of_id_has_its_fields_in_its_order() -> None:
    assert command_id("review", "account:1", "p", "k") == make_id("command", "review", "account:1", "p", "k")
    assert reaction_id("c.1", "name", "s-1") == make_id("reaction", "c.1", "name", "s-1")
    assert tick_id("s-1", "due", "t") == make_id("tick", "s-1", "due", "t")
    assert entity_id("c", 2) == make_id("entity", "c", "2")
    assert enterprise_id("9") == make_id("enterprise", "9")


def test_a_commit_is_a_span_of_its_causes_trace_or_of_a_new_one() -> None:
    parent = f"00-{'a' * 32}-{'b' * 16}-00"
    child = child_of(parent)
    assert re.fullmatch(r"00-a{32}-[0-9a-f]{16}-00", child) and child != parent
    for broken in (None, "", "-", parent + "0", parent.upper()):
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", child_of(broken))
    assert child_of(None) != child_of(None)
