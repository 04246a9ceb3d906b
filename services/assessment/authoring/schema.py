"""JSON Schemas of the rule files, generated from the types that read them."""

import json
from fractions import Fraction
from typing import Any

import msgspec

from services.assessment.authoring.library import FOLDERS
from services.assessment.domain.rules.amendments import Bindings, Override, Supplement
from services.assessment.domain.rules.form_map import DigitalFormMap
from services.assessment.domain.rules.pack import Pack
from services.assessment.domain.rules.questionnaire import Questionnaire
from services.assessment.domain.rules.source import Head

TYPES: dict[str, type[Head]] = {
    "pack": Pack,
    "override": Override,
    "supplement": Supplement,
    "bindings": Bindings,
    "digital": Questionnaire,
    "digital_forms": DigitalFormMap,
}
EXACT = {
    "anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+|/[0-9]+)?$"}],
    "description": "An exact number: an integer, or a quoted decimal or fraction; never a float.",
}


def schemas() -> dict[str, str]:
    """File name → text."""
    return {f"{kind}.schema.json": text(kind, read) for kind, read in TYPES.items()}


def text(kind: str, read: type[Head]) -> str:
    (_, components) = msgspec.json.schema_components([read], schema_hook=hook, ref_template="#/$defs/{name}")
    components[read.__name__]["properties"]["kind"] = {"const": kind}
    folders = [folder for folder, (known, _) in FOLDERS.items() if known == kind]
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"policy/{folders[0]}/*.yaml",
        "$ref": f"#/$defs/{read.__name__}",
        "$defs": components,
    }
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def hook(kind: type) -> dict[str, Any]:
    if kind is Fraction:
        return EXACT
    raise NotImplementedError(kind)
