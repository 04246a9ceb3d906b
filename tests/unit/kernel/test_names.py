"""Ids, streams, regions, offices and actors keep their forms for ever."""

import json
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.contracts.actors import Actor, Office, actor_text, covering, covers, parse_actor
from libs.events.ids import enterprise_id, make_id
from libs.events.names import category_of, partition_key_of, shard_of, stream_name

IDS = json.loads((Path(__file__).parents[2] / "vectors" / "ids.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", IDS, ids=[v["fields"][0] for v in IDS])
def test_an_id_vector_holds(vector: dict[str, object]) -> None:
    assert make_id(*vector["fields"]) == vector["id"]  # type: ignore[misc]


def test_an_enterprise_is_the_same_everywhere() -> None:
    assert enterprise_id("91320102MA1TIDU03X") == IDS[0]["id"]


def test_a_stream_names_its_partition_key() -> None:
    stream = stream_name("filing", "ab12", "declaration", "srdi", "none")
    assert (category_of(stream), partition_key_of(stream)) == ("filing", "ab12")
    assert shard_of("ab12", 48) == crc32(b"ab12") % 48


@pytest.mark.parametrize(
    "parts", [("case", "a-b"), ("case", ""), ("Case", "a"), ("case", "a", "x y"), ("case", "企业")]
)
def test_an_ambiguous_stream_is_refused(parts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="not a stream name"):
        stream_name(*parts)


@pytest.mark.parametrize(
    ("region", "other", "expected"),
    [
        ("320102", "320102", True), ("320100", "320102", True), ("320000", "320102", True), ("000000", "320102", True),
        ("320102", "320104", False), ("320200", "320102", False), ("350000", "320102", False),
        ("350200", "350200z01", True), ("350200z01", "350200z01", True), ("350200z01", "350203", False),
        ("350200z01", "350200", False), ("350203", "350200z01", False), ("320102", "320100", False),
    ],
)  # fmt: skip
def test_which_region_covers_which(region: str, other: str, expected: bool) -> None:
    assert covers(region, other) is expected
    if expected and region != "000000":
        assert region in covering(other)


_OFFICES = st.builds(
    Office, st.sampled_from(["320000", "350200"]), st.sampled_from(["county", "city", "province"]),
    st.sampled_from(["320102", "350200z01"]), st.sampled_from(["reviewer", "window_manager"]),
)  # fmt: skip
_ACTORS = st.builds(
    Actor,
    st.sampled_from(["account", "official", "service", "public"]),
    st.text("0123456789abcdef", min_size=1, max_size=32),
    st.none() | _OFFICES,
    st.none() | st.text("0123456789abcdef", min_size=1, max_size=32),
)


@given(_ACTORS)
def test_an_actor_survives_the_wire(actor: Actor) -> None:
    text = actor_text(actor)
    assert parse_actor(text) == actor
    assert text.isascii() and text.isprintable()


def test_a_stream_with_many_parts_has_the_same_key() -> None:
    assert partition_key_of("filing-e-declaration-srdi-w") == partition_key_of("filing-e-x") == "e"
