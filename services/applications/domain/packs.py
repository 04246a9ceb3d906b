"""Rule packs (评分标准), copied from `assessment`: a window pins the text that its filings are scored with."""

from libs.events.contracts.base import PolicyPin
from libs.events.decider import Policies
from libs.events.errors import Refused


class UnknownPack(Refused):
    code = "applications.unknown-pack"
    title = "没有现行的这一评分标准"
    status = 422


def pack_pin(policies: Policies, id: str | None) -> PolicyPin | None:
    """The pack in force under this id; none where none is asked for. Raises UnknownPack."""
    if id is None:
        return None
    packs = {policy.id: policy for policy in policies.of_kind("pack")}
    if id not in packs:
        known = "、".join(packs) or "无"
        raise UnknownPack(f"没有现行的评分标准 {id}", way_out=f"现行的评分标准：{known}；刚发布的稍后即可选用")
    return packs[id].pin
