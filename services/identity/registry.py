"""登记机关 behind a port: what a registry of enterprises says of a statement. The default asks nobody."""

from typing import Protocol

import msgspec

from libs.events.settings import KernelSettings


class Statement(msgspec.Struct, frozen=True):
    credit_code: str
    name: str
    legal_representative: str
    document_type: str
    document_number: str


class PersonStatement(msgspec.Struct, frozen=True):
    name: str
    document_type: str
    document_number: str


class Registry(Protocol):
    async def problems(self, statement: Statement) -> tuple[str, ...]:
        """Reason codes of the real-name policy; `document.manual-check` sends the statement to an account checker.
        Raises Transient when the registry does not answer."""

    async def person_problems(self, statement: PersonStatement) -> tuple[str, ...]:
        """The same of a natural person."""


class NoRegistry:
    """Format, check digits and conflicts are looked at by ourselves; there is nobody to ask for more."""

    async def problems(self, statement: Statement) -> tuple[str, ...]:
        return ()

    async def person_problems(self, statement: PersonStatement) -> tuple[str, ...]:
        return ()


def registry_of(settings: KernelSettings) -> Registry:
    """A deployment with a registry's interface puts its adapter here."""
    return NoRegistry()
