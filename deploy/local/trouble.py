"""What can go wrong for a user, in words: what happened and what to do."""

from __future__ import annotations


class StackError(Exception):
    """Shown to the user as it is; `advice` is the next step."""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.what}\n  → {self.advice}" if self.advice else self.what
