"""The wrong changes that are tried: each takes a node of the syntax tree and says what could stand there instead."""

import ast
import re
from collections.abc import Iterator
from copy import deepcopy

Change = tuple[str, ast.AST]
"""Name of the operator, and the node that stands instead."""

BOUNDARY = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
OPPOSITE = {
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
ARITHMETIC = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.BitXor: ast.BitAnd,
}  # fmt: skip
TWINS = {
    "min": "max", "any": "all", "lower": "upper", "startswith": "endswith", "lstrip": "rstrip", "find": "rfind",
    "removeprefix": "removesuffix", "partition": "rpartition", "split": "rsplit", "day_end": "day_start",
}  # fmt: skip
TWINS |= {other: one for one, other in TWINS.items()}
CODE = re.compile(r"[!-~]*")
"""Text without a space and without Chinese is a name, a code or a format; everything else is wording, left alone."""


def is_wording(text: str) -> bool:
    return CODE.fullmatch(text) is None


def changes(node: ast.AST, *, condition: bool = False) -> Iterator[Change]:  # noqa: C901 - a flat table reads best
    """All single changes of this node itself; its children are asked on their own. `condition`: it decides a branch."""
    match node:
        case ast.Compare():
            yield from _compare(node, condition)
        case ast.BoolOp():
            yield "and/or", ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
            for n in range(len(node.values)):
                rest = node.values[:n] + node.values[n + 1 :]
                yield "operand dropped", rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
        case ast.BinOp() if not _is_text(node.left) and not _is_text(node.right):
            yield "arithmetic", ast.BinOp(node.left, ARITHMETIC.get(type(node.op), ast.Add)(), node.right)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield "not dropped", node.operand
        case ast.AugAssign():
            yield "arithmetic", ast.AugAssign(node.target, ARITHMETIC.get(type(node.op), ast.Add)(), node.value)
        case ast.Constant():
            yield from _constant(node)
        case ast.JoinedStr():
            yield from _format(node)
        case ast.Call():
            yield from _call(node)
        case ast.List() | ast.Tuple() | ast.Set() if isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            for n in (n for n, element in enumerate(node.elts) if not _is_code(element)):
                rest = node.elts[:n] + node.elts[n + 1 :]
                yield "element dropped", _like(node, elts=rest) if rest or not isinstance(node, ast.Set) else _empty()
        case ast.Dict():
            for n in (n for n, key in enumerate(node.keys) if key is None or not _is_code(key)):
                rest_of = [x[:n] + x[n + 1 :] for x in (node.keys, node.values)]
                yield "element dropped", ast.Dict(*rest_of)
        case ast.IfExp():
            yield "branch", node.body
            yield "branch", node.orelse
        case ast.comprehension():
            for n in range(len(node.ifs)):
                yield "filter dropped", _like(node, ifs=node.ifs[:n] + node.ifs[n + 1 :])
        case ast.Return(value=value) if value is not None and not _is_nothing(value):
            yield "returns nothing", ast.Return(ast.Constant(None))
        case ast.Break():
            yield "loop", ast.Continue()
        case ast.Continue():
            yield "loop", ast.Break()
        case ast.Raise():
            yield "statement dropped", ast.Pass()
        case ast.Expr(value=ast.Call() | ast.Await()):
            yield "statement dropped", ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield "statement dropped", ast.Pass()
        case ast.Match() if len(node.cases) > 1:
            for n, case in enumerate(node.cases):
                if not _is_wildcard(case):
                    yield "case dropped", _like(node, cases=node.cases[:n] + node.cases[n + 1 :])
    if condition:
        yield "always", ast.Constant(True)
        yield "never", ast.Constant(False)


def _compare(node: ast.Compare, condition: bool) -> Iterator[Change]:
    for n, op in enumerate(node.ops):
        for name, table in (("boundary", BOUNDARY), ("comparison", OPPOSITE)):
            # Forcing the branch both ways, done for every condition, is more than turning the comparison round.
            if type(op) in table and not (condition and name == "comparison" and len(node.ops) == 1):
                yield (
                    name,
                    ast.Compare(node.left, [*node.ops[:n], table[type(op)](), *node.ops[n + 1 :]], node.comparators),
                )


def _constant(node: ast.Constant) -> Iterator[Change]:
    match node.value:
        case bool(value):
            yield "constant", ast.Constant(not value)
        case int(value) | float(value):
            yield "constant", ast.Constant(value + 1)
            if value:
                yield "constant", ast.Constant(value - 1)
        case str(value) if not is_wording(value):
            yield "constant", ast.Constant(f"{value}~")
        case bytes(value):
            yield "constant", ast.Constant(value + b"~")


def _format(node: ast.JoinedStr) -> Iterator[Change]:
    words = [part for part in node.values if isinstance(part, ast.Constant)]
    if any(is_wording(part.value) for part in words):
        return
    for part in words:
        at = node.values.index(part)
        yield "constant", ast.JoinedStr([*node.values[:at], ast.Constant(part.value + "~"), *node.values[at + 1 :]])


def _call(node: ast.Call) -> Iterator[Change]:
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called in TWINS:
        func = deepcopy(node.func)
        setattr(func, "attr" if isinstance(func, ast.Attribute) else "id", TWINS[called])
        yield "twin", _like(node, func=func)
    for n in range(len(node.args) - 1):
        if not any(isinstance(a, ast.Starred) for a in node.args[n : n + 2]):
            swapped = [*node.args[:n], node.args[n + 1], node.args[n], *node.args[n + 2 :]]
            yield "arguments swapped", _like(node, args=swapped)
    for n, word in enumerate(node.keywords):
        if word.arg is not None and not isinstance(word.value, ast.Constant | ast.JoinedStr | ast.Lambda):
            nothing = ast.keyword(word.arg, ast.Constant(None))
            yield "argument lost", _like(node, keywords=[*node.keywords[:n], nothing, *node.keywords[n + 1 :]])


def _like(node: ast.AST, **fields: object) -> ast.AST:
    made = type(node)(**{name: getattr(node, name) for name in node._fields})
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def _empty() -> ast.AST:
    return ast.Call(ast.Name("set", ast.Load()), [], [])


def _is_code(node: ast.AST) -> bool:
    """A name that is changed itself, which is as much as dropping it."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and not is_wording(node.value)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_nothing(node: ast.AST) -> bool:
    return (isinstance(node, ast.Constant) and node.value is None) or ast.unparse(node) in ("[]", "()", "{}")


def _is_wildcard(case: ast.match_case) -> bool:
    return isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None
