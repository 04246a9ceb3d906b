"""`python -m tests.anatomy`: every service has the same files, its domain is pure, and names are where they belong."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

SERVICES = ("identity", "applications", "assessment", "review", "notifications")
FILES = ("README.md", "__main__.py", "api.py", "app.py", "queries.py", "settings.py", "policy/authorization.yaml")
FOLDERS = ("domain", "projections", "reactions", "policy")
PROJECTION = {"NAME", "VERSION", "SOURCES", "HANDLES", "INDEXES", "key", "apply"}
REACTION = {"SOURCE", "HANDLES", "react"}
PURE = ("libs.events.contracts", "libs.events.decider", "libs.events.errors", "libs.events.ids", "libs.events.names")
IMPURE = {"random", "secrets", "logging", "structlog", "asyncio", "time", "uuid", "os", "socket"}
CEL = ("assessment", "cel.py")
LONGEST = 400
CLOCKS = {"now", "utcnow", "today"}


def faults(root: Path) -> list[str]:
    """What does not hold, one sentence each; empty when all does."""
    return [fault for service in SERVICES for fault in _service(root, service)]


def _service(root: Path, service: str) -> Iterator[str]:
    home = root / "services" / service
    for name in (*FILES, *FOLDERS):
        if not (home / name).exists():
            yield f"services/{service}/{name} is missing"
    for path in _modules(home / "projections"):
        yield from _names(path, PROJECTION)
    for path in _modules(home / "reactions"):
        if not path.stem.startswith("when_") or "_then_" not in path.stem:
            yield f"{path}: a reaction is named when_<event>_then_<command>"
        yield from _names(path, REACTION)
    for path in (home / "domain").rglob("*.py"):
        yield from _pure(path, service)
    for path in home.rglob("*.py"):
        if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST:
            yield f"{path}: more than {LONGEST} lines"


def _modules(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.glob("*.py")) if not path.name.startswith("_"))


def _names(path: Path, wanted: set[str]) -> Iterator[str]:
    tree, found = ast.parse(path.read_text(encoding="utf-8")), set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
    if wanted - found:
        yield f"{path}: {', '.join(sorted(wanted - found))} missing"


def _pure(path: Path, service: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        line = f"{path}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Import):
            yield from (f"{line}: imports {a.name}" for a in node.names if not _allowed(a.name, path, service))
        elif isinstance(node, ast.ImportFrom) and not _allowed(node.module or "", path, service):
            yield f"{line}: imports {node.module}"
        elif isinstance(node, ast.AsyncFunctionDef | ast.Await):
            yield f"{line}: awaits"
        elif (
            isinstance(node, ast.Attribute) and node.attr in CLOCKS and ast.unparse(node.value) in ("datetime", "date")
        ):
            yield f"{line}: reads a clock"


def _allowed(module: str, path: Path, service: str) -> bool:
    top = module.split(".")[0]
    if module.startswith(f"services.{service}.domain") or any(module == p or module.startswith(f"{p}.") for p in PURE):
        return True
    if top in ("libs", "services") or top in IMPURE:
        return False
    return top in sys.stdlib_module_names or top == "msgspec" or (service, path.name) == CEL


def main() -> int:
    found = faults(Path(__file__).parents[1])
    for fault in found:
        print(fault)
    print(f"{len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
