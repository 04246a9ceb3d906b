"""What is wrong with a policy text: which file, which line, in words."""

from collections.abc import Mapping

Lines = Mapping[str, int]
"""Where each part of a text stands: `$.indicators[2].ladder` → line."""


class PolicyFault(Exception):
    """A policy text is refused (规则文件有误); `line` counts from 1, 0 when unknown."""

    def __init__(self, file: str, line: int, path: str, message: str) -> None:
        super().__init__(f"{file}:{line}: {path}: {message}")
        self.file = file
        self.line = line
        self.path = path
        self.message = message


class RuleFault(ValueError):
    """A fault at a path of a document, before file and line are known."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


def line_of(path: str, lines: Lines) -> int:
    """The line of the path or of the nearest part around it."""
    while path and path not in lines:
        cut = max(map(path.rfind, ".["))
        path = path[:cut] if cut > 0 else ""
    return lines.get(path, 0)
