"""Which test enters which function. The profiler written in C follows calls alone, and costs a third of a trace function."""

import cProfile
import threading
from types import CodeType, FrameType
from typing import Any

from tests.mutation.mutants import ROOT

HERE = f"{ROOT}/"
Function = tuple[str, int]
"""Path of the file and first line of the function."""


class Entered:
    def __init__(self) -> None:
        self.elsewhere: set[CodeType] = set()
        self.codes: set[CodeType] = set()

    def __enter__(self) -> "Entered":
        self.elsewhere = set()
        threading.setprofile(self._call)
        self.profile = cProfile.Profile(subcalls=False, builtins=False)
        self.profile.enable()
        return self

    def __exit__(self, *_: object) -> None:
        self.profile.disable()
        threading.setprofile(None)  # type: ignore[arg-type]
        found = (entry.code for entry in self.profile.getstats())
        self.codes = {code for code in found if isinstance(code, CodeType)} | self.elsewhere

    def _call(self, frame: FrameType, event: str, arg: Any) -> None:
        """In threads that begin meanwhile."""
        if event == "call":
            self.elsewhere.add(frame.f_code)

    @property
    def functions(self) -> set[Function]:
        """Nested functions count for themselves; who enters one has entered the outer one at some time."""
        return {
            (code.co_filename.removeprefix(HERE), code.co_firstlineno)
            for code in self.codes
            if code.co_filename.startswith(HERE) and code.co_name != "<module>"
        }
