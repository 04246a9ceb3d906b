"""The hash of architecture §3.7 against committed vectors, and against `sha256sum` over text made by hand."""

import json
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from libs.events.envelope import HASHED_HEADERS, Commit, commit_fault, hash_of, records_of

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "hash.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=[v["name"] for v in VECTORS])
def test_a_vector_verifies(vector: dict[str, object]) -> None:
    headers = {name: str(value).encode() for name, value in vector["headers"].items()}  # type: ignore[attr-defined]
    assert hash_of(headers, str(vector["body"]).encode()) == vector["hash"]


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum on this machine")
@pytest.mark.parametrize("vector", VECTORS, ids=[v["name"] for v in VECTORS])
def test_sha256sum_says_the_same(vector: dict[str, object]) -> None:
    lines = "".join(f"{name}={value}\n" for name, value in vector["headers"].items())  # type: ignore[attr-defined]
    text = f"{lines}\n{vector['body']}".encode()
    said = subprocess.run(["sha256sum"], input=text, capture_output=True, check=True).stdout.split()[0].decode()
    assert said == vector["hash"]


def test_the_vectors_name_every_header_in_order() -> None:
    for vector in VECTORS:
        assert tuple(vector["headers"]) == HASHED_HEADERS


def _commit() -> Commit:
    from tests.contract.test_store import commit

    return commit(1, 1, events=3)


def test_a_commit_is_chained_event_by_event() -> None:
    commit = _commit()
    previous = commit.previous_hash
    for record, event in zip(records_of(commit), commit.events, strict=True):
        headers = dict(record.headers)
        assert headers["ce_previoushash"].decode() == previous
        assert hash_of(headers, record.value) == headers["ce_hash"].decode() == event.hash
        previous = event.hash
    assert commit.hash == previous
    assert commit_fault(commit) is None


@pytest.mark.parametrize("field", [f for f in Commit.__struct_fields__ if f not in ("events", "hash", "traceparent")])
def test_any_changed_field_is_found(field: str) -> None:
    commit = _commit()
    value = getattr(commit, field)
    other = value + 1 if isinstance(value, int) else [("x-y", 1)] if isinstance(value, list) else f"{value}0"
    changed = msgspec.structs.replace(commit, **{field: other})
    assert commit_fault(changed) is not None


def test_a_changed_body_is_found() -> None:
    commit = _commit()
    events = [msgspec.structs.replace(commit.events[0], body='{"名":"宁波"}'), *commit.events[1:]]
    assert commit_fault(msgspec.structs.replace(commit, events=events)) == (
        "a hash does not verify: the content was changed"
    )
