"""The inventory of personal fields (`personal.yaml`): the labels under which values of persons are sealed."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import yaml


class PersonalField(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`person` is whose value it is; the field that `names` says who that is; `where` are the contracts' fields."""

    title: str
    person: str
    names: bool = False
    where: tuple[str, ...] = ()


INVENTORY: Mapping[str, PersonalField] = msgspec.convert(
    yaml.load((Path(__file__).with_suffix(".yaml")).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader),
    dict[str, PersonalField],
)
NAME_OF: Mapping[str, str] = {field.person: label for label, field in INVENTORY.items() if field.names}
"""Person → the label of the field that names it."""
