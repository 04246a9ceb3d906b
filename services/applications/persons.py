"""Whose a personal value is: the one subject of the person whom a field of this name is about, in one enterprise."""

from collections.abc import Mapping

from libs.events.contracts.base import Personal
from libs.events.contracts.personal import INVENTORY, NAME_OF
from libs.events.web.desk import Desk


def subject_of(
    desk: Desk, enterprise: str, label: str, given: Mapping[str, str | None], known: Mapping[str, Personal[str] | None]
) -> str:
    """The person named in `given` beside the value, else the one `known`; whoever is named anew is another. A value
    of nobody who was ever named is kept for the role."""
    field = INVENTORY.get(label)
    person = field.person if field else label
    naming = NAME_OF.get(person, "")
    name, before = given.get(naming), known.get(naming)
    if name:
        return desk.person(enterprise, name)
    return before.subject if before is not None else desk.person(enterprise, person)
