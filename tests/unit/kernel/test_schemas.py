"""The published language only grows: what a frozen sample says is known for ever, also when the schema is written anew."""

from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from libs.events.contracts import schemas
from libs.events.contracts.base import Contract, contracts
from libs.events.contracts.notifications import MessageRead

WIRE = "notifications.MessageRead.v1"


def later(wire_type: str, without: str = "", more: list[tuple[str, type]] | None = None) -> Contract:
    """The contract as somebody might change it in place: a field gone, or new ones that must be there."""
    contract = contracts()[wire_type]
    kept = [(f.name, f.type, f.default) for f in msgspec.structs.fields(contract.type) if f.name != without]
    fields = [
        (name, type_) if default is msgspec.NODEFAULT else (name, type_, default) for name, type_, default in kept
    ]
    changed = msgspec.defstruct(contract.name, [*(more or []), *fields], frozen=True)
    return msgspec.structs.replace(contract, type=changed)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The committed language in a place of its own, so that what a release writes can be tried."""
    for name in ("SCHEMAS", "SAMPLES"):
        for path in getattr(schemas, name).glob("*/*.json"):
            target = tmp_path / name / path.parent.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
        monkeypatch.setattr(schemas, name, tmp_path / name)
    monkeypatch.setattr(schemas, "ASYNCAPI", tmp_path / "asyncapi.yaml")
    return tmp_path


def released(monkeypatch: pytest.MonkeyPatch, wire_type: str, contract: Contract) -> list[str]:
    """What is said of an event after somebody changed its contract and wrote the schemas anew."""
    monkeypatch.setattr(schemas, "contracts", lambda: contracts() | {wire_type: contract})
    schemas.write()
    return [fault for fault in schemas.differences() if fault.startswith(f"{wire_type}:")]


def test_writing_twice_changes_nothing(copy: Path) -> None:
    schemas.write()
    assert schemas.write() == []


def test_a_field_that_is_gone_is_reported_although_the_schema_was_written_anew(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = released(monkeypatch, WIRE, later(WIRE, without="reader"))
    assert found == [f"{WIRE}: the frozen sample says reader, which the contract does not know any more"]


def test_a_field_that_is_gone_from_a_part_of_an_event_is_reported(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wire_type = "notifications.MessagePosted.v1"
    sample = schemas.file_of(schemas.SAMPLES, wire_type)
    content = msgspec.json.decode(sample.read_bytes())
    content["recipient"]["pigeon"] = "coop 7"
    sample.write_bytes(msgspec.json.encode(content))
    found = released(monkeypatch, wire_type, contracts()[wire_type])
    assert found == [f"{wire_type}: the frozen sample says recipient.pigeon, which the contract does not know any more"]


def test_a_sample_that_exists_is_never_written_again(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = schemas.file_of(schemas.SAMPLES, WIRE).read_bytes()
    released(monkeypatch, WIRE, later(WIRE, without="reader"))
    assert schemas.file_of(schemas.SAMPLES, WIRE).read_bytes() == before


def test_a_new_field_that_must_be_there_breaks_the_old_sample() -> None:
    changed = later(WIRE, more=[("device", str)])
    with pytest.raises(msgspec.ValidationError, match="device"):
        msgspec.json.decode(schemas.file_of(schemas.SAMPLES, WIRE).read_bytes(), type=changed.type)
    assert msgspec.json.decode(schemas.file_of(schemas.SAMPLES, WIRE).read_bytes(), type=MessageRead)


@pytest.mark.parametrize("wire_type", sorted(contracts()))
def test_a_strangers_validator_takes_the_frozen_sample(wire_type: str) -> None:
    schema = msgspec.json.decode(schemas.file_of(schemas.SCHEMAS, wire_type).read_bytes())
    Draft202012Validator.check_schema(schema)
    sample = msgspec.json.decode(schemas.file_of(schemas.SAMPLES, wire_type).read_bytes())
    assert list(Draft202012Validator(schema).iter_errors(sample)) == []
