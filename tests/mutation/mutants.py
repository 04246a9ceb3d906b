"""All mutants of one file, in the order of the text, each with a name that survives moved lines."""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

from tests.mutation.operators import changes, is_wording

ROOT = Path(__file__).parents[2]
LOGGERS = {"log", "logger"}
UNTOUCHED_CALLS = {"assert_never", "TypeVar", "cast", "NotImplementedError"}
SHOWN = 90


@dataclass
class Mutant:
    """One change. `in_body` tells a change inside a function from one that acts when the module is imported."""

    path: str
    line: int
    scope: str
    function_line: int
    in_body: bool
    operator: str
    before: str
    after: str
    number: int = 0
    """The how-manieth of the same change in the same function."""

    @property
    def key(self) -> str:
        again = f" #{self.number}" if self.number else ""
        return f"{self.path}::{self.scope} | {self.before} -> {self.after}{again}"


def mutants_of(path: Path) -> "Iterator[tuple[Mutant, Module]]":
    """Each mutant with the module that holds it, which is compiled when it is asked for."""
    source = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT).as_posix()
    tree = ast.parse(source)
    seen: Counter[str] = Counter()
    for place in _places(tree, _Where("", 0, False), (None, None, None)):
        original = ast.dump(place.node)
        for operator, instead in changes(place.node, condition=place.condition):
            if ast.dump(instead) == original:
                continue
            where = place.where
            before, after = shown(place.node, instead)
            mutant = Mutant(name, place.line, where.scope, where.line, where.in_body, operator, before, after)
            mutant.number = seen[mutant.key]
            seen[f"{name}::{where.scope} | {before} -> {after}"] += 1
            yield mutant, Module(path, tree, place, instead)


@dataclass
class _Where:
    scope: str
    line: int
    """First line of the outermost function, 0 outside of one."""
    in_body: bool

    def inside(self, name: str) -> str:
        return f"{self.scope}.{name}" if self.scope else name


@dataclass
class _Place:
    node: ast.AST
    owner: ast.AST
    field: str
    index: int | None
    where: _Where
    line: int
    condition: bool

    def put(self, node: ast.AST) -> None:
        if node is not self.node and hasattr(self.node, "lineno"):
            ast.fix_missing_locations(ast.copy_location(node, self.node))
        if self.index is None:
            setattr(self.owner, self.field, node)
        else:
            getattr(self.owner, self.field)[self.index] = node


@dataclass
class Module:
    path: Path
    tree: ast.Module
    place: _Place
    instead: ast.AST

    def compiled(self) -> CodeType:
        self.place.put(self.instead)
        try:
            return compile(self.tree, str(self.path), "exec")
        finally:
            self.place.put(self.place.node)


def _places(node: ast.AST, where: _Where, at: tuple[Any, Any, Any], line: int = 1) -> Iterator[_Place]:
    owner, field, index = at
    line = getattr(node, "lineno", line)
    if _is_left_alone(node, owner, field):
        return
    if owner is not None:
        yield _Place(node, owner, field, index, where, line, _decides(node, owner, field))
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "type_comment") or (isinstance(node, ast.JoinedStr)):
            continue
        inner = where
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and name == "body":
            # A function's code object begins at its first decorator.
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            inner = _Where(where.inside(node.name), where.line or first, True)
        elif isinstance(node, ast.ClassDef) and name == "body":
            inner = _Where(where.inside(node.name), where.line, where.in_body)
        children = value if isinstance(value, list) else [value]
        for n, child in enumerate(children):
            if isinstance(child, ast.AST):
                yield from _places(child, inner, (node, name, n if isinstance(value, list) else None), line)
    if isinstance(node, ast.JoinedStr):
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from _places(part.value, where, (part, "value", None), line)


def _decides(node: ast.AST, owner: ast.AST, field: str) -> bool:
    return (field == "test" and isinstance(owner, ast.If | ast.While)) or (
        field == "guard" and isinstance(owner, ast.match_case)
    )


def _is_left_alone(node: ast.AST, owner: ast.AST, field: str) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom() | ast.Assert():
            return True
        case ast.Constant() | ast.Name() if isinstance(owner, ast.Expr):
            return True
        case ast.Constant(value=str(text)) if is_wording(text):
            return True
        case ast.Call(func=ast.Name(id=name)) if name in UNTOUCHED_CALLS:
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id="assert_never"))):
            return True
        case ast.Raise(exc=ast.Name(id="NotImplementedError")):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))) if name in LOGGERS:
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
    # How a class is built (frozen, tag) is the schemas' business, and what a subscript of types says the type checker's.
    return (isinstance(owner, ast.ClassDef) and field in ("keywords", "bases")) or (
        isinstance(owner, ast.Subscript) and field == "slice" and isinstance(owner.value, ast.Name)
        and owner.value.id[:1].isupper() and not owner.value.id.isupper()
    )  # fmt: skip


def shown(before: ast.AST, after: ast.AST) -> tuple[str, str]:
    """Both as text, cut around what differs."""
    one, other = _text(before), _text(after)
    if max(len(one), len(other)) <= SHOWN:
        return one, other
    same = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, same - 40)
    cut = [
        ("…" if start else "") + t[start : start + SHOWN] + ("…" if len(t) > start + SHOWN else "")
        for t in (one, other)
    ]
    return cut[0], cut[1]


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.comprehension):
        return " ".join(f"if {ast.unparse(x)}" for x in node.ifs) or "(no filter)"
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).split())
