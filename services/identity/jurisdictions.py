"""Whose account checkers decide: by the place of registration in the credit code, characters 3 to 8."""

from collections.abc import Mapping
from typing import Any

from libs.events.contracts.actors import NATION, REGION


def of_credit_code(code: str, rules: Mapping[str, Any]) -> tuple[str, str]:
    """(authority, region). A code that was given out by the nation's registry goes to the ministry's checkers."""
    return of_region(code[2:8], rules)


def of_region(region: str, rules: Mapping[str, Any]) -> tuple[str, str]:
    """(authority, region); the ministry's checkers where no region is known."""
    if REGION.fullmatch(region) is None or region == rules["national_code"]:
        return NATION, NATION
    own = next((city for city in rules["own_authority"] if region.startswith(city[:4])), None)
    return own or f"{region[:2]}0000", region
