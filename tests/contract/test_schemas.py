"""The published language is what is committed; frozen samples decode; a schema only grows optional fields."""

import json
from pathlib import Path

import msgspec
import pytest

from libs.events.codec import decode, encode
from libs.events.contracts import schemas
from libs.events.contracts.base import contracts
from libs.events.contracts.upcasts import UPCASTS

KNOWN = contracts()


def test_schemas_samples_and_asyncapi_are_as_committed() -> None:
    assert schemas.differences() == []


@pytest.mark.parametrize("wire_type", sorted(KNOWN))
def test_a_frozen_sample_decodes_and_is_said_again_the_same(wire_type: str) -> None:
    raw = schemas.file_of(schemas.SAMPLES, wire_type).read_bytes()
    event = decode(wire_type, raw)
    assert event is not None
    service = wire_type.partition(".")[0]
    said, body = encode(service, event)
    assert said == wire_type
    assert decode(said, body) == event


def test_a_changed_schema_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for wire_type in (*KNOWN, *UPCASTS):
        source, copy = schemas.file_of(schemas.SCHEMAS, wire_type), schemas.file_of(tmp_path, wire_type)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes())
    monkeypatch.setattr(schemas, "SCHEMAS", tmp_path)
    assert schemas.differences() == []
    path = schemas.file_of(tmp_path, "review.LevelApproved.v1")
    schema = json.loads(path.read_text(encoding="utf-8"))
    del schema["properties"]["opinion"]
    path.write_text(json.dumps(schema), encoding="utf-8")
    assert [fault for fault in schemas.differences() if "LevelApproved" in fault]


def test_a_sample_that_no_longer_decodes_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = schemas.file_of(tmp_path, "review.LevelApproved.v1")
    path.parent.mkdir(parents=True)
    path.write_bytes(msgspec.json.encode({"received_at": "2024-09-02T01:30:00Z"}))
    monkeypatch.setattr(schemas, "SAMPLES", tmp_path)
    assert [fault for fault in schemas.differences() if "does not decode any more" in fault]
