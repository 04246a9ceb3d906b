"""Enterprises of the load: as many as a long run needs, each with valid codes of nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deploy.demo.companies import Company, identity_number


@dataclass(frozen=True)
class Firm(Company):
    """`serial` from 1 to 99,999; the login name and the phone number follow from it."""

    @property
    def login(self) -> str:
        return f"firm{self.serial:05d}"

    @property
    def phone(self) -> str:
        return f"139000{self.serial:05d}"

    @property
    def registration(self) -> dict[str, Any]:
        return super().registration | {"phone": self.phone}

    @property
    def real_name(self) -> dict[str, Any]:
        return super().real_name | {"phone": self.phone, "document_number": identity_number(self.serial % 1000)}
