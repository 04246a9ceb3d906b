"""Policy files as text: YAML with the line of every part, for faults that name file and line."""

from typing import Any

import yaml

from services.assessment.domain.rules import (
    DigitalFormMap,
    Pack,
    PolicyFault,
    Questionnaire,
    load_form_map,
    load_pack,
    load_questionnaire,
)
from services.assessment.domain.size import SizeStandard, load_size


def parse(text: str, file: str) -> tuple[dict[str, Any], dict[str, int]]:
    """Content and lines (`$.indicators[2].ladder` → line, from 1). PolicyFault for text that is no YAML mapping."""
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        content = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as trouble:
        line = trouble.problem_mark.line + 1 if trouble.problem_mark else 0
        raise PolicyFault(file, line, "$", f"YAML 无法解析：{trouble.problem}") from trouble
    if not isinstance(content, dict) or node is None:
        raise PolicyFault(file, 1, "$", "应为键值结构")
    lines: dict[str, int] = {}
    mark(node, "$", lines, file)
    return content, lines


def mark(node: yaml.Node, path: str, lines: dict[str, int], file: str) -> None:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            place = f"{path}.{key.value}"
            if place in lines:
                raise PolicyFault(file, key.start_mark.line + 1, place, "键重复")
            mark(value, place, lines, file)
            lines[place] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            mark(value, f"{path}[{index}]", lines, file)


def read_pack(text: str, file: str) -> Pack:
    return load_pack(*with_file(text, file))


def read_questionnaire(text: str, file: str) -> Questionnaire:
    return load_questionnaire(*with_file(text, file))


def read_form_map(text: str, file: str) -> DigitalFormMap:
    return load_form_map(*with_file(text, file))


def read_size(text: str, file: str) -> SizeStandard:
    return load_size(*with_file(text, file))


def with_file(text: str, file: str) -> tuple[dict[str, Any], str, dict[str, int]]:
    content, lines = parse(text, file)
    return content, file, lines
