"""The field policy: how a personal value is shown to whom, from data; masks for what is shown in part."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import msgspec
import yaml

from libs.events.web.principals import Principal

Mask = Literal["name", "phone", "email", "document", "text"]
How = Literal["plain", "masked", "hidden"]
HIDDEN = "（不显示）"
OWNER = "owner"


class Field(msgspec.Struct, frozen=True):
    """One label: how it is masked, and how each kind of viewer sees it."""

    mask: Mask
    shown: Mapping[str, How]

    def to(self, viewer: str) -> How:
        return self.shown.get(viewer, "hidden")


def load_fields(path: Path = Path(__file__).parent / "fields.yaml") -> tuple[Mapping[str, Field], Field]:
    """By label, and what holds for a label that is not named. Raises msgspec.ValidationError."""
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {label: _field(row) for label, row in content["labels"].items()}, _field(content["default"])


def _field(row: Mapping[str, str]) -> Field:
    shown = {viewer: how for viewer, how in row.items() if viewer != "mask"}
    return msgspec.convert({"mask": row["mask"], "shown": shown}, Field)


FIELDS, DEFAULT = load_fields()


def field_of(label: str) -> Field:
    return FIELDS.get(label, DEFAULT)


def viewer_of(principal: Principal, own: bool) -> str:
    """An account is only ever let to what is its own; an official is the role acted under, unless it is about themself."""
    if own or principal.kind == "account":
        return OWNER
    return principal.office.role if principal.office is not None else ""


def how(label: str, principal: Principal, own: bool = False) -> How:
    return field_of(label).to(viewer_of(principal, own))


def masked(label: str, text: str) -> str:
    """The value with all but a little of it hidden; never longer stretches of it than its mask's kind allows."""
    return _MASKS[field_of(label).mask](text)


def _phone(text: str) -> str:
    """138****8000; a number too short for that is hidden whole."""
    local = text.removeprefix("+86")
    return f"{local[:3]}****{local[-4:]}" if len(local) >= 11 else "****"


def _email(text: str) -> str:
    name, _, host = text.partition("@")
    return f"{name[:1]}***@{host}"


def _name(text: str) -> str:
    """张**: the family name stays; of 阿依古丽·买买提 the first character."""
    return text[:1] + "*" * (len(text) - 1)


def _document(text: str) -> str:
    """110***********002X: the first three and the last four; short numbers are hidden whole."""
    return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}" if len(text) >= 12 else "****"


_MASKS: Mapping[Mask, Callable[[str], str]] = {
    "name": _name, "phone": _phone, "email": _email, "document": _document, "text": lambda _: "***",
}  # fmt: skip
