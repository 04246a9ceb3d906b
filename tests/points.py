"""`python -m tests.points`: every durable step of the kernel is followed by a named crash point, and the table is true.

A durable step is a call that leaves something behind when the process dies: a write to the store, a send to Kafka.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from libs.events.points import POINTS

ROOT = Path(__file__).parents[1]
WHERE = ("libs/events", "services/notifications")
NOT_HERE = ("libs/events/testing", "libs/events/store/memory.py", "libs/events/contracts")
STORE_WRITES = {
    "append", "transact", "forget", "insert", "insert_one", "insert_many", "replace", "replace_one", "update",
    "update_one", "delete", "delete_many", "bulk_write", "upload_from_stream", "send_batch", "send_and_wait", "commit",
    "create_topics", "handle",
}  # fmt: skip
WITHOUT = {
    "libs/events/access.py": "a note of one read, complete in itself",
    "libs/events/claims.py": "a claim ends by itself; the work that it guards bears being done twice",
    "libs/events/flow/topics.py": "made before anything runs, and made again by the next start",
    "libs/events/store/provision.py": "before anything runs; every step asks first what is there",
    "libs/events/store/mongo.py": "the port itself: its callers name the step (a transaction's inside has store.open)",
    "libs/events/store/mongo_state.py": "as store/mongo.py",
    "libs/events/runtime.py:handle": "the request's own way into append, which has its points",
    "libs/events/web/desk.py:decide": "the request's own way into append, which has its points",
    "libs/events/store/sessions.py:end_abandoned": "tidies notes of sessions that nobody has any more",
}
"""A file or `file:function` whose durable calls need no point, and why."""


def faults(root: Path = ROOT) -> list[str]:
    """What does not hold, one sentence each."""
    reached: dict[str, list[str]] = {}
    found: list[str] = []
    for path in sorted(p for folder in WHERE for p in (root / folder).rglob("*.py")):
        name = path.relative_to(root).as_posix()
        if name.startswith(NOT_HERE):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for point, line in _reached(tree):
            reached.setdefault(point, []).append(f"{name}:{line}")
        if name not in WITHOUT:
            found += _unnamed(name, tree)
    found += [
        f"{places[0]}: {point!r} is not in the table POINTS" for point, places in reached.items() if point not in POINTS
    ]
    found += [f"the table names {point!r}, which no code reaches" for point in POINTS if point not in reached]
    return found


def _reached(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "reach" and node.args:
            yield ast.literal_eval(node.args[0]), node.lineno


def _unnamed(name: str, tree: ast.AST) -> Iterator[str]:
    for function in _functions(tree):
        if f"{name}:{function.name}" in WITHOUT:
            continue
        points = [line for _, line in _reached(function)]
        for line, call in _durable(function):
            if not any(point > line for point in points):
                yield f"{name}:{line}: {call} leaves something behind, and no crash point follows it in {function.name}"


def _functions(tree: ast.AST) -> Iterator[ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef))


def _durable(function: ast.AsyncFunctionDef) -> Iterator[tuple[int, str]]:
    """Awaited calls, however they are wrapped: `await x.insert(…)`, `await (await x.send_batch(…))`."""
    for node in ast.walk(function):
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            called = node.value.func
            by_route = ast.unparse(called).startswith("desk.")  # a request's command: append has its points
            if isinstance(called, ast.Attribute) and called.attr in STORE_WRITES and not by_route:
                yield node.lineno, ast.unparse(called)


def main() -> int:
    found = faults()
    for fault in found:
        print(fault)
    print(f"{len(POINTS)} crash points, {len(found)} faults")
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main())
