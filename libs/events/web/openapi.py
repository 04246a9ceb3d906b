"""A service's OpenAPI document: what FastAPI finds out, and what holds for all routes: problems, receipts, headers, tokens;
what its routes answer is data (`openapi.yaml` of the service)."""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml
from fastapi import FastAPI

Document = dict[str, Any]
Answers = Mapping[str, Mapping[int, Document]]
"""Method and path without the prefix → status → JSON schema, headers under `headers`, media type under `media`."""
HERE = Path(__file__).parent
RECEIPT = {"$ref": "#/components/schemas/Receipt"}
UNCHANGED = {"$ref": "#/components/schemas/Unchanged"}
_READS = ("get", "head")


def load_answers(path: Path) -> Answers:
    """What the routes of a service answer; nothing is known of one that does not tell."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) if path.exists() else {}


def install(app: FastAPI, prefix: str, answers: Answers) -> None:
    """From here the app's document is the whole one; made once, when it is first asked for."""
    plain = app.openapi

    def whole() -> Document:
        if app.openapi_schema is None:
            app.openapi_schema = completed(plain(), prefix, answers)
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]


def completed(document: Document, prefix: str, answers: Answers) -> Document:
    """The document with everything that every route may answer. Raises ValueError for an answer of no route."""
    common = yaml.load((HERE / "openapi.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    answers = {**common["answers"], **answers}
    document, left = deepcopy(document), set(answers)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            name = f"{method.upper()} {path.removeprefix(prefix)}"
            left.discard(name)
            _describe(operation, method in _READS, answers.get(name, {}), common)
    if unknown := sorted(left - set(common["answers"])):
        raise ValueError(f"answers of no route: {unknown}")
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas |= common["schemas"]
    document["components"]["securitySchemes"] = common["securitySchemes"]
    return document | {"security": common["security"]}


def _describe(operation: Document, reads: bool, answers: Mapping[int, Document], common: Document) -> None:
    responses, codes = operation["responses"], common["reads" if reads else "commands"]
    responses.pop("422", None)
    if answers:
        only = {status: one for status, one in responses.items() if int(status) >= 300}
        responses = operation["responses"] = only | {str(k): _answer(v, common) for k, v in answers.items()}
    responses |= {str(code): _problem(common["problems"][code]) for code in codes}
    if any(answer.get("schema") == RECEIPT for answer in answers.values()):
        operation.setdefault("parameters", []).extend(common["parameters"])
        responses.setdefault("200", _answer({"schema": UNCHANGED}, common))


def _answer(answer: Document, common: Document) -> Document:
    """`schema` of JSON, or `media`; a receipt has its headers."""
    made: Document = {"description": answer.get("description", "Successful Response")}
    if "media" in answer:
        made["content"] = {answer["media"]: {"schema": {"type": "string", "format": "binary"}}}
    elif "schema" in answer:
        made["content"] = {"application/json": {"schema": answer["schema"]}}
    headers = common["receipt_headers"] if answer.get("schema") == RECEIPT else answer.get("headers")
    return made | ({"headers": headers} if headers else {})


def _problem(answer: Document) -> Document:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {**answer, "content": content}
