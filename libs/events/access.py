"""Who read whose personal data, through a port; a plain collection until the access log takes its place."""

from typing import Any
from uuid import uuid4

from libs.events.clock import wall_seconds
from libs.events.store.ports import Documents


class AccessNotes:
    """Notes every opening of a sealed value before it happens."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def note(self, principal: Any, subject: str, label: str, why: str) -> None:
        await self._documents.insert(
            {
                "_id": uuid4().hex,
                "at": wall_seconds(),
                "who": f"{principal.kind}:{principal.id}",
                "subject": subject,
                "label": label,
                "why": why,
            }
        )
