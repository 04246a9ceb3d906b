"""What may change in a published event and what may not; the chain of versions; git as the witness."""

import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest

from deploy.cli import merge_base
from libs.events.codec import decode, encode, newest
from libs.events.contracts import evolution, schemas
from libs.events.contracts.base import Contract, Event, contracts
from libs.events.contracts.review import SiteChecked
from libs.events.contracts.upcasts import UPCASTS, ChainBroken, chain_faults, check_chain, following
from libs.events.errors import Poison

WIRE = "review.LevelApproved.v1"
WAY_OUT = f"{WIRE}: leave v1 as it was, make v2 and an upcast (docs/changing-an-event.md)"


class Part(msgspec.Struct, frozen=True):
    name: str
    pages: int = 0


class Told(Event, frozen=True):
    words: str
    day: date
    choice: Literal["a", "b"]
    note: str | None
    parts: tuple[Part, ...]
    table: dict[str, int]
    mood: str = "calm"


def schema(type_: type[Event]) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(
        msgspec.json.encode(schemas.schema_of("review.Told.v1", Contract("Told", 1, ("review",), type_)))
    )
    return found


def like(**changed: Any) -> type[Event]:
    """Told with fields of another type, without those that are None; a pair is a type and a default."""
    fields: list[Any] = []
    for field in msgspec.structs.fields(Told):
        default = () if field.default is msgspec.NODEFAULT else (field.default,)
        now = changed.pop(field.name, (field.type, *default))
        if now is not None:
            fields.append((field.name, *now) if isinstance(now, tuple) else (field.name, now))
    fields += [(name, *now) if isinstance(now, tuple) else (name, now) for name, now in changed.items()]
    fields.sort(key=len)
    return msgspec.defstruct("Told", fields, bases=(msgspec.Struct,), frozen=True)  # type: ignore[return-value]


class Bigger(msgspec.Struct, frozen=True):
    name: str
    lines: int
    pages: int = 0


ADDITIVE = {
    "nothing": {},
    "an optional field": {"more": (str, "")},
    "an optional part": {"more": (Part | None, None)},
    "another choice": {"choice": Literal["a", "b", "c"]},
    "what could not be empty may be": {"words": str | None},
    "what had to be there may be missing": {"words": (str, "")},
}
BREAKING: dict[str, tuple[dict[str, Any], str]] = {
    "removed": ({"words": None}, "field words removed from"),
    "required": ({"more": str}, "new field more is required in"),
    "type": ({"words": int}, "field words changed from string to integer in"),
    "list": ({"words": tuple[str, ...]}, "field words changed from string to array in"),
    "narrowed": ({"choice": Literal["a"]}, "field choice no longer allows 'b' in"),
    "never null": ({"note": str}, "field note changed from null to string in"),
    "inner": ({"table": dict[str, str]}, "field table{} changed from integer to string in"),
    "part": ({"parts": tuple[Bigger, ...]}, "new field parts[].lines is required in"),
    "default": ({"mood": (str, "angry")}, "field mood: what its absence means changed from 'calm' to 'angry' in"),
    "now required": ({"mood": str}, "field mood was optional and is required in"),
}


@pytest.mark.parametrize("name", ADDITIVE)
def test_what_every_old_body_still_reads_as_is_no_new_version(name: str) -> None:
    assert evolution.breaks(schema(Told), schema(like(**ADDITIVE[name]))) == []


@pytest.mark.parametrize("name", BREAKING)
def test_anything_else_is_named(name: str) -> None:
    changed, said = BREAKING[name]
    assert evolution.breaks(schema(Told), schema(like(**changed))) == [said]


def without(wire_type: str, field: str) -> Contract:
    contract = contracts()[wire_type]
    kept = [
        (f.name, f.type) if f.default is msgspec.NODEFAULT else (f.name, f.type, f.default)
        for f in msgspec.structs.fields(contract.type)
        if f.name != field
    ]
    return msgspec.structs.replace(contract, type=msgspec.defstruct(contract.name, kept, frozen=True))


def test_the_check_names_the_field_the_event_and_the_way_out() -> None:
    before = merge_base.committed()
    assert evolution.faults(before.schemas, before.samples) == []
    changed = contracts() | {WIRE: without(WIRE, "opinion")}
    assert evolution.faults(before.schemas, before.samples, changed) == [f"field opinion removed from {WAY_OUT}"]


def test_a_published_event_or_version_that_is_gone_is_named() -> None:
    before = merge_base.committed()
    gone = before.schemas | {"review.Forgotten.v1": {}}
    assert evolution.faults(gone, {}) == [
        "review.Forgotten.v1 is gone: its records stay in the log; keep its contract, schema and sample"
    ]
    old = before.schemas | {"review.SiteChecked.v1": {"type": "object"}}
    assert evolution.faults(old, {}) == [
        "review.SiteChecked.v1: the schema of an old version was changed; it is frozen, restore it"
    ]
    assert evolution.faults({}, {"review.SiteChecked.v1": b"{}"}) == [
        "review.SiteChecked.v1: the frozen sample was changed or is gone; restore it"
    ]


# The chain of versions.


def known(**versions: int) -> dict[str, Contract]:
    return {f"review.{n}.v{v}": Contract(n, v, ("review",), Told) for n, v in versions.items()}


def same(body: dict[str, Any]) -> dict[str, Any]:
    return body


def test_every_version_has_one_hop_and_no_hop_leads_nowhere() -> None:
    check_chain(contracts())
    assert chain_faults(known(Told=3), {"review.Told.v1": same, "review.Told.v2": same}) == []
    assert chain_faults(known(Told=3), {"review.Told.v1": same}) == [
        "review.Told.v2: no upcast to review.Told.v3 (libs/events/contracts/upcasts.py)"
    ]
    for orphan in ("review.Told.v3", "review.Tolled.v1", "identity.Told.v1"):
        found = chain_faults(known(Told=3), {"review.Told.v1": same, "review.Told.v2": same, orphan: same})
        assert found == [f"{orphan}: an upcast of a version that no contract is newer than"]
    with pytest.raises(ChainBroken, match=r"review\.Told\.v1: no upcast to review\.Told\.v2"):
        check_chain(known(Told=2), {})


def test_hops_are_taken_in_order() -> None:
    def hop(n: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
        return lambda body: {"path": [*body["path"], n]}

    table = {f"review.Told.v{n}": hop(n) for n in (1, 2, 3)}
    assert newest("review.Told.v2", {"path": []}, table) == {"path": [2, 3]}
    assert following("review.Told.v9") == "review.Told.v10"


@pytest.mark.parametrize("path", sorted(schemas.SAMPLES.glob("*/*.json")), ids=lambda path: path.stem)
def test_every_frozen_sample_of_every_version_reads_as_the_newest(path: Path) -> None:
    service = path.parent.name
    event = decode(f"{service}.{path.stem}", path.read_bytes())
    assert event is not None
    assert encode(service, event)[0] in contracts()


def test_an_upcast_is_pure() -> None:
    for wire_type, hop in UPCASTS.items():
        raw = schemas.file_of(schemas.SAMPLES, wire_type).read_bytes()
        body = msgspec.json.decode(raw)
        assert hop(body) == hop(msgspec.json.decode(raw))
        assert body == msgspec.json.decode(raw), f"{wire_type}: the upcast changes what it is given"


@pytest.mark.parametrize(("passed", "result"), [(True, "conforms"), (False, "does_not_conform")])
def test_a_site_check_of_before_says_its_result(passed: bool, result: str) -> None:
    body = {
        "received_at": "2024-09-02T01:30:00Z", "application": "a", "enterprise": "e", "level": "county", "round": 1,
        "passed": passed, "findings": [{"text": "设备", "evidence": "b1"}, {"text": "账册"}, {"text": "x", "evidence": None}],
        "a field of later": 1,
    }  # fmt: skip
    event = decode("review.SiteChecked.v1", msgspec.json.encode(body))
    assert isinstance(event, SiteChecked)
    assert (event.result, [f.evidence for f in event.findings]) == (result, [("b1",), (), ()])


# Readers.


def test_readers_ignore_fields_and_types_that_they_do_not_know() -> None:
    raw = schemas.file_of(schemas.SAMPLES, WIRE).read_bytes()
    more = msgspec.json.encode(msgspec.json.decode(raw) | {"of_later": {"x": 1}})
    assert decode(WIRE, more) == decode(WIRE, raw)
    assert decode("review.NotYetThoughtOf.v1", b"{}") is None
    assert decode("archives.NotYetThoughtOf.v1", b"{}") is None


def test_a_version_newer_than_the_code_waits_for_the_release_that_knows_it() -> None:
    with pytest.raises(Poison, match=r"review\.SiteChecked\.v3 is newer than this code, which knows v2"):
        decode("review.SiteChecked.v3", b"{}")
    with pytest.raises(Poison):
        decode("review.SiteChecked.v1", b'["not", "an", "object"]')
    with pytest.raises(Poison):
        decode("review.SiteChecked.v0", b"{}")


# Git.


def git(root: Path, *arguments: str) -> None:
    given = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-C", str(root), *arguments)
    subprocess.run(["git", *given], check=True, capture_output=True)


def say(root: Path, name: str, content: bytes, kind: str = "schemas") -> None:
    path = root / schemas.HERE.relative_to(merge_base.ROOT) / kind / "review" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    git(root, "add", ".")
    git(root, "commit", "-m", name)


def test_what_was_published_is_read_at_the_merge_base(tmp_path: Path) -> None:
    git(tmp_path, "init", "-b", "main")
    say(tmp_path, "A.v1", b'{"n": 1}')
    git(tmp_path, "checkout", "-b", "work")
    say(tmp_path, "A.v1", b'{"n": 2}')
    say(tmp_path, "A.v1", b'{"n": 3}', "samples")
    found = merge_base.published(root=tmp_path)
    assert (found.schemas, found.samples) == ({"review.A.v1": {"n": 1}}, {})
    assert "merge base with main" in found.where
    git(tmp_path, "checkout", "main")
    say(tmp_path, "B.v1", b'{"n": 4}')
    on_main = merge_base.published(root=tmp_path)
    assert on_main.schemas == {"review.A.v1": {"n": 1}} and "the commit before" in on_main.where
    assert merge_base.published("work", root=tmp_path).schemas == {"review.A.v1": {"n": 1}}
    with pytest.raises(merge_base.NoBase, match="nowhere"):
        merge_base.published("nowhere", root=tmp_path)


def test_without_git_there_is_no_base(tmp_path: Path) -> None:
    with pytest.raises(merge_base.NoBase):
        merge_base.published(root=tmp_path)
