"""Every label of a sealed value is in the inventory, and the inventory says nothing that is not so."""

import ast
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import yaml

import libs.events.contracts  # noqa: F401 - registers every event
from libs.events.contracts.base import Personal, contracts
from libs.events.contracts.personal import INVENTORY, NAME_OF
from services.applications.routes.people import SHAPES

ROOT = Path(__file__).parents[3]


def test_every_label_in_code_is_in_it() -> None:
    assert {label for path in (ROOT / "services").rglob("*.py") for label in sealed_in(path)} <= set(INVENTORY)
    assert set(SHAPES) <= set(INVENTORY)


def test_every_personal_field_of_a_form_is_in_it() -> None:
    for path in (ROOT / "services/applications/policy/forms").glob("*.yaml"):
        form = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        fields = [field for section in form["sections"] for field in section["fields"] if field.get("personal")]
        assert fields
        for field in fields:
            assert INVENTORY[field["name"]].title == field["label"]


def test_every_personal_field_of_a_contract_is_in_it_and_no_other() -> None:
    said = {place for field in INVENTORY.values() for place in field.where}
    assert said == {place for wire, contract in contracts().items() for place in places(wire, contract.type)}


def test_every_person_is_named_by_one_field() -> None:
    named = [field.person for field in INVENTORY.values() if field.names]
    assert len(named) == len(set(named)) == len(NAME_OF)
    assert {field.person for field in INVENTORY.values()} - set(named) == {"account"}


def sealed_in(path: Path) -> set[str]:
    """The constant labels given to `seal`."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    labels = [
        call.args[1]
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "seal" and len(call.args) == 3
    ]
    return {str(label.value) for label in labels if isinstance(label, ast.Constant)}


def places(wire: str, type_: type[msgspec.Struct]) -> set[str]:
    """`identity.AccountRegistered.login`; for a struct inside an event, the struct's name."""
    service, name = wire.split(".")[0], type_.__name__
    found = set()
    for field, hint in get_type_hints(type_).items():
        for inner in parts(hint):
            if get_origin(inner) is Personal and not is_map(hint):
                found.add(f"{service}.{name}.{field}")
            elif isinstance(inner, type) and issubclass(inner, msgspec.Struct) and inner is not Personal:
                found |= places(wire, inner)
    return found


def is_map(hint: Any) -> bool:
    """A form's personal answers: labelled by the form's own field names."""
    return get_origin(hint) is dict


def parts(hint: Any) -> list[Any]:
    if get_origin(hint) is Personal:
        return [hint]
    return [hint, *(inner for argument in get_args(hint) for inner in parts(argument))]
