"""Policies as data: files, parts of long texts, and which text is in force at a business time."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.codec import encode
from libs.events.contracts.actors import Actor
from libs.events.contracts.base import Event, PolicyPin
from libs.events.contracts.platform import PolicyPart, PolicyPublished
from libs.events.decider import Facts, Policies, Policy, PolicyMissing
from libs.events.envelope import Commit, StoredEvent
from libs.events.policies import (
    LARGEST_TEXT,
    PolicyIndex,
    PolicyState,
    PolicyText,
    PublishPolicy,
    decide,
    evolve,
    load_policies,
    pieces_of,
    policy_stream,
    read_policy_file,
)

HEAD = "kind: chain\nid: {id}\nauthority: '320000'\ntitle: 标题\nsource: 苏工信〔2022〕1号\neffective_from: {since}\n"
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def policy(since: str, until: str | None = None, *, sha: str = "", id: str = "x", authority: str = "320000") -> Policy:
    return Policy("chain", id, authority, sha or since, "t", "s", since, until, {})


def in_force(*published: Policy, at: datetime = NOW) -> Policy:
    return Policies(published, at).get("chain", "x")


def test_the_latest_that_has_taken_effect_counts_in_whatever_order_they_were_published() -> None:
    old, new, next_year = policy("2022-01-01"), policy("2026-01-01"), policy("2027-01-01")
    assert in_force(old, new, next_year) == new
    assert in_force(next_year, new, old) == new
    assert in_force(new, old, at=datetime(2024, 1, 1, tzinfo=UTC)) == old


def test_of_two_that_take_effect_on_one_day_the_one_published_later_counts() -> None:
    first, corrected = policy("2026-01-01", sha="a"), policy("2026-01-01", sha="b")
    assert in_force(first, corrected) == corrected


def test_a_policy_ends_on_its_day_in_china() -> None:
    ended = policy("2022-01-01", "2026-01-01")
    assert in_force(ended, at=datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC)) == ended
    with pytest.raises(PolicyMissing):
        in_force(ended, at=datetime(2025, 12, 31, 16, 0, tzinfo=UTC))


def test_an_authoritys_own_policy_goes_before_the_national_one() -> None:
    national, own = policy("2022-01-01", id="n", authority="national"), policy("2022-01-01", id="o")
    found = Policies((own, national), NOW)
    assert found.of_authority("chain", "320000") == own
    assert found.of_authority("chain", "350200") == national
    with pytest.raises(PolicyMissing):
        found.of_authority("window", "320000")


def test_the_policies_of_another_day_are_those_that_will_be_in_force_then() -> None:
    """Of two that take effect on one day still the one published later, also when its text was published before."""
    old, new, again = policy("2022-08-01"), policy("2026-12-01"), policy("2026-12-01", sha="2022-08-01")
    now = Policies((old, new), NOW)
    assert now.get("chain", "x") == old
    assert now.on(date(2026, 12, 1)).get("chain", "x") == new
    assert now.on(date(2026, 11, 30)).get("chain", "x") == old
    assert now.on(date(2022, 7, 31)).of_kind("chain") == ()
    assert Policies((old, new, again), NOW).on(date(2026, 12, 1)).get("chain", "x") == again
    assert now.on(date(2022, 7, 31)).pinned(new.pin) == new


def test_what_was_pinned_is_found_by_its_text_whether_or_not_it_is_in_force() -> None:
    replaced, ended, future = (
        policy("2022-01-01", sha="a"),
        policy("2023-01-01", "2024-01-01", sha="b"),
        policy("2099-01-01"),
    )
    found = Policies((replaced, ended, future, policy("2026-01-01", sha="c")), NOW)
    for one in (replaced, ended, future):
        assert found.pinned(one.pin) is one
    for unknown in (PolicyPin("chain", "x", "d"), PolicyPin("chain", "y", "a"), PolicyPin("other", "x", "a")):
        with pytest.raises(PolicyMissing):
            found.pinned(unknown)


@pytest.mark.parametrize("name", ["kind", "id", "title", "source", "authority", "effective_from"])
def test_a_file_without_a_head_is_named_with_what_it_lacks(tmp_path: Path, name: str) -> None:
    lines = HEAD.format(id="x", since="2022-01-01").splitlines()
    path = tmp_path / "x.yaml"
    path.write_text("\n".join(line for line in lines if not line.startswith(name)))
    with pytest.raises(ValueError, match=rf"x\.yaml: the head lacks {name}"):
        read_policy_file(path)


@pytest.mark.parametrize("text", ["", "- a\n- b", "just words", "a: [1"])
def test_a_file_that_is_no_policy_is_refused_in_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"x\.yaml"):
        read_policy_file(path)


def test_a_table_travels_with_its_policy_and_changes_its_hash(tmp_path: Path) -> None:
    folder = tmp_path / "chains"
    folder.mkdir()
    (folder / "x.yaml").write_text(HEAD.format(id="x", since="2022-01-01") + "table: x.csv\n")
    (folder / "x.csv").write_text("code,name\n01,农业\n")
    (before,) = load_policies(tmp_path)
    assert before.rows == ({"code": "01", "name": "农业"},)
    (folder / "x.csv").write_text("code,name\n01,林业\n")
    (after,) = load_policies(tmp_path)
    assert after.sha256 != before.sha256


def text_of(content: str) -> PolicyText:
    return PolicyText("chain", "X y", "national", "t", "s", "2022-01-01", None, content)


@given(st.integers(min_value=LARGEST_TEXT - 3, max_value=LARGEST_TEXT * 3), st.sampled_from(["a", "é", "企", "𠮷"]))
def test_the_pieces_of_a_long_text_are_the_text(size: int, character: str) -> None:
    text = text_of(character * (size // len(character.encode())))
    pieces = pieces_of(text)
    assert "".join(pieces) in ("", text.text)
    assert bool(pieces) == (len(text.text.encode()) > LARGEST_TEXT)
    assert all(len(piece.encode()) <= LARGEST_TEXT for piece in pieces)


def test_a_stream_is_named_without_what_a_name_cannot_hold() -> None:
    assert policy_stream("national", "Digital", "2024-56 版") == "policy-national-digital-2024_56__"


def publish(text: PolicyText, **more: Any) -> PublishPolicy:
    return PublishPolicy("1" * 32, NOW, Actor("service", "review"), text, text.sha256, **more)


def test_a_text_is_published_once_and_again_only_when_it_changes() -> None:
    state = PolicyState()
    (published,) = decide(publish(text_of("a")), state, Facts.none())
    state = evolve(state, published)
    assert decide(publish(text_of("a")), state, Facts.none()) == []
    assert len(decide(publish(text_of("b")), state, Facts.none())) == 1


def test_a_part_is_published_once() -> None:
    command = publish(text_of("a"), part=1, parts=2)
    (part,) = decide(command, PolicyState(), Facts.none())
    assert decide(command, evolve(PolicyState(), part), Facts.none()) == []


def test_all_of_a_text_and_its_head_is_published() -> None:
    (whole,) = decide(publish(text_of("a"), origin="review"), PolicyState(), Facts.none())
    hash_ = text_of("a").sha256
    assert whole == PolicyPublished(
        NOW, "chain", "X y", "national", hash_, "t", "s", "2022-01-01", None, "a", 0, "review"
    )
    (head,) = decide(publish(text_of("a"), parts=2), PolicyState(), Facts.none())
    assert head == PolicyPublished(NOW, "chain", "X y", "national", hash_, "t", "s", "2022-01-01", None, "", 2)
    (piece,) = decide(publish(text_of("a"), part=1, parts=2), PolicyState(), Facts.none())
    assert piece == PolicyPart(NOW, "chain", "X y", hash_, 1, 2, "a")


def logged(position: int, *events: Event, shard: int = 0, stream: str = "policy-national-chain-x") -> Commit:
    stored = [StoredEvent("", *encode("review", event), "") for event in events]
    empty = dict.fromkeys(Commit.__struct_fields__, "")
    named = {"id": f"c{shard}.{position}", "stream": stream, "shard": shard, "position": position, "events": stored}
    return Commit(**empty | named | {"recorded_at": f"t{position}"})  # type: ignore[arg-type]


def published(text: str, *, sha: str = "5", id: str = "x", since: str = "2022-01-01", parts: int = 0) -> Event:
    return PolicyPublished(NOW, "chain", id, "national", sha, "t", "s", since, None, text, parts)


def test_the_index_takes_each_commit_once_and_knows_how_far_it_has_read() -> None:
    index = PolicyIndex()
    first = logged(3, published("a: 1"))
    index.take([first, first, logged(2, published("a: 0"), stream="window-x-y")])
    assert [(p.content, p.recorded_at, p.sha256) for p in index.all()] == [({"a": 1}, "t3", "5")]
    assert (index.seen(0), index.seen(1)) == (3, 0)
    index.take([logged(2, published("b: 1", id="y"))])
    assert (index.seen(0), len(index.all())) == (3, 2)


def test_a_commit_of_this_process_is_taken_and_says_nothing_of_how_far_was_read() -> None:
    index = PolicyIndex()
    own = logged(9, published("a: 1"), shard=4)
    index.take([own], read=False)
    assert (index.seen(4), len(index.all())) == (0, 1)
    index.take([own])
    assert (index.seen(4), len(index.all())) == (9, 1)


def test_a_text_in_pieces_is_joined_in_their_order() -> None:
    index = PolicyIndex()
    pieces = [PolicyPart(NOW, "chain", "x", "5", n, 2, text) for n, text in ((2, "chain"), (1, "kind: "))]
    index.take([logged(n, piece) for n, piece in enumerate(pieces, start=1)])
    index.take([logged(3, published("", parts=2))])
    (found,) = index.all()
    assert found.content == {"kind": "chain"}


def test_what_is_in_force_is_asked_again_when_something_is_published() -> None:
    index = PolicyIndex()
    index.take([logged(1, published("a: 1"))])
    assert index.at(NOW).get("chain", "x").content == {"a": 1}
    assert index.at(NOW) is index.at(NOW)
    index.take([logged(2, published("a: 2", sha="6", since="2023-01-01"))])
    assert index.at(NOW).get("chain", "x").content == {"a": 2}
    assert index.at(datetime(2022, 6, 1, tzinfo=UTC)).get("chain", "x").content == {"a": 1}


def test_days_that_were_asked_about_are_not_kept_for_ever() -> None:
    index = PolicyIndex()
    index.take([logged(1, published("a: 1"))])
    days = [NOW - timedelta(days=n) for n in range(200)]
    assert all(index.at(day).get("chain", "x").content == {"a": 1} for day in days)
    assert len(index._by_day) <= 65
