"""Numbers of law live in data: the domain and the queries of assessment know −1, 0, 1 and 100, and no other number."""

import ast
from collections.abc import Iterator
from pathlib import Path

SERVICE = Path(__file__).parents[3] / "services" / "assessment"
ALLOWED = (0, 1, 100)
CONVERTERS = {"int", "float", "Decimal", "Fraction"}
TECHNICAL = {"numbers.py", "inputs.py"}
"""What numbers can be at all: digits that are shown, 64 bits. Written as texts, so that they are seen to be no law."""


def literals(source: str, file: str = "") -> list[tuple[int, object]]:
    """Line and value of every number that is not allowed, also of one written as a text."""
    tree = ast.parse(source)
    answers = {id(node) for one in ast.walk(tree) for node in status_of(one)}
    found = [(node.lineno, node.value) for node in ast.walk(tree) if is_number(node) and id(node) not in answers]
    if file not in TECHNICAL:
        found += [(node.lineno, node.value) for one in ast.walk(tree) for node in texts_in(one)]
    return [(line, value) for line, value in found if value not in ALLOWED]


def is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)


def status_of(node: ast.AST) -> Iterator[ast.AST]:
    """`status = 422` of a refusal is HTTP's number."""
    if isinstance(node, ast.Assign) and [ast.unparse(one) for one in node.targets] == ["status"]:
        yield node.value


def texts_in(node: ast.AST) -> Iterator[ast.Constant]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CONVERTERS:
        yield from (one for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str))


def test_no_number_of_law_stands_in_the_domain_or_the_queries() -> None:
    files = [*sorted((SERVICE / "domain").rglob("*.py")), SERVICE / "queries.py"]
    assert len(files) > 40
    found = {path.name: literals(path.read_text(encoding="utf-8"), path.name) for path in files}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_a_planted_threshold_is_found() -> None:
    source = (SERVICE / "domain" / "rules" / "evaluate.py").read_text(encoding="utf-8")
    for planted, value in (("low >= 60", 60), ('low >= Fraction("60")', "60"), ("low >= 0.05", 0.05)):
        changed = source.replace("if bound is None or low >= bound:", f"if bound is None or {planted}:")
        assert changed != source and [found for _, found in literals(changed)] == [value]
    assert literals("x = -1\ny = (0, 1, 100, True)\nstatus = 422") == []
