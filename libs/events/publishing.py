"""At start every policy file that ships with the release and is new enters the log, whole."""

from typing import TYPE_CHECKING

import msgspec

from libs.events.ids import make_id
from libs.events.points import reach
from libs.events.policies import PolicyText, PublishPolicy, pieces_of, read_policy_files

if TYPE_CHECKING:
    from libs.events.runtime import Runtime


async def publish_policies(runtime: "Runtime") -> None:
    """Ids follow from the content, so two processes starting together publish once."""
    folder = runtime.service.policies
    if folder is None:
        return
    known = {(p.kind, p.id, p.sha256, p.effective_from, p.effective_to) for p in runtime.policies.all()}
    for text in read_policy_files(folder):
        if (text.kind, text.id, text.sha256, text.effective_from, text.effective_to) not in known:
            await _publish(runtime, text)


async def _publish(runtime: "Runtime", text: PolicyText) -> None:
    pieces = pieces_of(text)
    for n, piece in enumerate(pieces, start=1):
        part = msgspec.structs.replace(text, text=piece)
        await runtime.handler.handle(_command(runtime, text, part, n, len(pieces)))
        reach("publish.piece")
    await runtime.handler.handle(_command(runtime, text, text, 0, len(pieces)))
    reach("publish.whole")


def _command(runtime: "Runtime", whole: PolicyText, text: PolicyText, part: int, parts: int) -> PublishPolicy:
    hash_ = whole.sha256
    id_ = make_id("policy", runtime.service.name, whole.kind, whole.id, hash_, whole.effective_from, str(part))
    return PublishPolicy(id_, runtime.business.now(), runtime.actor, text, hash_, part, parts)
