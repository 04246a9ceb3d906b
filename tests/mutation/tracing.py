"""Which test enters which function: only calls are followed, so a run costs little more than without."""

import sys
import threading
from types import CodeType, FrameType
from typing import Any

from tests.mutation.mutants import ROOT

HERE = f"{ROOT}/"
Function = tuple[str, int]
"""Path of the file and first line of the function."""


class Entered:
    def __init__(self) -> None:
        self.codes: set[CodeType] = set()

    def __enter__(self) -> "Entered":
        self.codes = set()
        threading.settrace(self._call)
        sys.settrace(self._call)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]

    def _call(self, frame: FrameType, event: str, arg: Any) -> None:
        self.codes.add(frame.f_code)

    @property
    def functions(self) -> set[Function]:
        """Nested functions count for themselves; who enters one has entered the outer one at some time."""
        return {
            (code.co_filename.removeprefix(HERE), code.co_firstlineno)
            for code in self.codes
            if code.co_filename.startswith(HERE) and code.co_name != "<module>"
        }
