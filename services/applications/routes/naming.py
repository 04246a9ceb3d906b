"""A filing named in a path: /{enterprise}/{kind}/{tier}/{window}, `none` where there is no tier or window."""

from typing import Annotated

from fastapi import Depends, Path

from libs.events.contracts.applications import FilingKind
from libs.events.web.models import Id
from services.applications.domain.streams import NONE
from services.applications.drafts import Draft

PATH = "/{enterprise}/{kind}/{tier}/{window}"


def _named(
    enterprise: Id, kind: FilingKind, tier: Annotated[str, Path(pattern=r"^[a-z_]{1,32}$")], window: Id
) -> Draft:
    return Draft(enterprise, kind, None if tier == NONE else tier, None if window == NONE else window)


Named = Annotated[Draft, Depends(_named)]
