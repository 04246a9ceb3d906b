"""A record off the topic: however its headers stand it is the same event, or it is foreign and says why."""

from random import Random

import pytest
from msgspec.structs import replace

from libs.events.envelope import SENT_HEADERS
from libs.events.flow.wire import Arrived, Foreign, RawRecord, commit_of, verify
from tests.unit.kernel.test_plan import ALL, COMMITS

Headers = tuple[tuple[str, bytes | None], ...]


def with_headers(headers: Headers, of: Arrived = ALL[1]) -> Arrived | Foreign:
    raw = of.raw
    return verify(RawRecord.of(raw.topic, raw.partition, raw.offset, raw.key, raw.value, headers))


def same_event(found: Arrived | Foreign, of: Arrived = ALL[1]) -> bool:
    return isinstance(found, Arrived) and replace(found, raw=of.raw) == of


def test_a_relay_sends_them_in_the_order_that_is_read_fastest() -> None:
    assert all(tuple(name for name, _ in record.raw.headers) == SENT_HEADERS for record in ALL)


@pytest.mark.parametrize("seed", range(20))
def test_in_any_order_and_among_others_it_is_the_same_event(seed: int) -> None:
    headers = list(ALL[1].raw.headers)
    Random(seed).shuffle(headers)
    assert same_event(with_headers(tuple(headers)))
    assert same_event(with_headers((*headers[:7], ("x-proxy", b"1"), *headers[7:])))


def test_as_many_headers_under_other_names_are_foreign() -> None:
    """In the right order, and the values right too."""
    headers = tuple((name if name != "ce_actor" else "ce_author", value) for name, value in ALL[1].raw.headers)
    found = with_headers(headers)
    assert isinstance(found, Foreign) and found.reason == "header ce_actor is missing"


@pytest.mark.parametrize("name", [*SENT_HEADERS])
def test_a_null_header_is_foreign_even_where_no_hash_covers_it(name: str) -> None:
    headers = tuple((n, None if n == name else value) for n, value in ALL[1].raw.headers)
    found = with_headers(headers)
    assert isinstance(found, Foreign) and found.reason == f"header {name} is null or doubled"


@pytest.mark.parametrize("name", [*SENT_HEADERS[:-1]])
def test_a_missing_or_doubled_header_is_foreign(name: str) -> None:
    without = tuple((n, value) for n, value in ALL[1].raw.headers if n != name)
    missing, doubled = with_headers(without), with_headers((*ALL[1].raw.headers, (name, b"1")))
    assert isinstance(missing, Foreign) and missing.reason == f"header {name} is missing"
    assert isinstance(doubled, Foreign) and doubled.reason == f"header {name} is null or doubled"


def test_the_trace_may_be_missing_and_the_commit_is_whole_without_it() -> None:
    found = [with_headers(record.raw.headers[:-1], record) for record in COMMITS[1]]
    arrived = [one for one in found if isinstance(one, Arrived)]
    whole = commit_of(arrived)
    assert whole.traceparent == "" and replace(whole, traceparent=commit_of(COMMITS[1]).traceparent) == commit_of(
        COMMITS[1]
    )


@pytest.mark.parametrize("place", range(len(SENT_HEADERS) - 1))
def test_a_changed_byte_in_any_header_that_is_hashed_is_foreign(place: int) -> None:
    headers = [
        (name, (value or b"") + b"1" if n == place else value) for n, (name, value) in enumerate(ALL[1].raw.headers)
    ]
    found = with_headers(tuple(headers))
    assert isinstance(found, Foreign) and found.reason == "the hash does not verify"
