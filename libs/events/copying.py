"""Copying the policies that another service ships: its `PolicyPublished` becomes this service's own fact."""

from collections.abc import Mapping, Sequence
from typing import Any

from libs.events.contracts.platform import PolicyPart, PolicyPublished
from libs.events.decider import Command
from libs.events.flow.reactions import Reaction
from libs.events.policies import PolicyText, PublishPolicy
from libs.events.recorded import Recorded, because


def reactions(service: str, copies: Mapping[str, Sequence[str]]) -> list[Reaction]:
    """One reaction per source and kind, named for ever; it takes only originals, never copies of copies.

    A kind that a later release adds is a NAME seen for the first time, so what was published before is copied too. The
    copying service is in the NAME: two that copy the same kind write the same stream, and a command's id is one for all logs.
    """
    return [_copier(service, source, kind) for source, kinds in copies.items() for kind in kinds]


def _copier(service: str, source: str, kind: str) -> Reaction:
    def react(event: Recorded[Any]) -> list[Command]:
        data = event.data
        if data.kind != kind:
            return []
        if isinstance(data, PolicyPart):
            text = PolicyText(data.kind, data.id, _authority(event.stream), "", source, "", None, data.text)
            return [PublishPolicy(**because(event), text=text, sha256=data.sha256, part=data.part, parts=data.parts)]
        if data.origin is not None:
            return []
        text = PolicyText(
            data.kind, data.id, data.authority, data.title, data.source, data.effective_from, data.effective_to,
            data.text,
        )  # fmt: skip
        return [PublishPolicy(**because(event), text=text, sha256=data.sha256, parts=data.parts, origin=source)]

    name = f"when_policy_published_then_{service}_copies_{kind}"
    return Reaction(name, source, (PolicyPublished, PolicyPart), react)


def _authority(stream: str) -> str:
    return stream.split("-")[1]
