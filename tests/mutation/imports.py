"""Which modules of the project import which: of a module that is all constants and tables, no function tells who uses it."""

import ast
import sys
from collections import defaultdict
from pathlib import Path

from tests.mutation.mutants import ROOT


def importers() -> dict[str, set[str]]:
    """Path of a file → files that import it by name, of all that is imported now."""
    files = {}
    for name, module in list(sys.modules.items()):
        path = Path(getattr(module, "__file__", None) or "/")
        if path.suffix == ".py" and path.is_relative_to(ROOT) and ".venv" not in path.parts:
            files[name] = path
    found: dict[str, set[str]] = defaultdict(set)
    for importer in files.values():
        for name in _imported(ast.parse(importer.read_text(encoding="utf-8"))):
            if name in files:
                found[files[name].relative_to(ROOT).as_posix()].add(importer.relative_to(ROOT).as_posix())
    return found


def _imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names
