"""Ids that anybody can recompute: uuid5 over fields joined by U+001F, as 32 lower-case hex digits."""

from uuid import UUID, uuid5

NAMESPACE = UUID("0b9d4c1e-52f6-5a83-9e17-c4a86d2f7b35")
_SEPARATOR = "\x1f"


def make_id(kind: str, *fields: str) -> str:
    """The id of `kind` over `fields`; the first field of the name is always the kind."""
    return uuid5(NAMESPACE, _SEPARATOR.join((kind, *fields))).hex


def enterprise_id(credit_code: str) -> str:
    """The same enterprise everywhere: from verification, from import, in every deployment."""
    return make_id("enterprise", credit_code)


def command_id(service: str, actor: str, partition_key: str, key: str) -> str:
    """`actor` is `kind:id`, `key` the caller's Idempotency-Key; nobody can take another's key."""
    return make_id("command", service, actor, partition_key, key)


def reaction_id(event_id: str, name: str, target: str) -> str:
    """The command that reaction `name` sends to stream `target` because of `event_id`."""
    return make_id("reaction", event_id, name, target)


def tick_id(stream: str, kind: str, due: str) -> str:
    """The tick that acts on what became due in `stream` at `due` (ISO text)."""
    return make_id("tick", stream, kind, due)


def entity_id(origin: str, n: int) -> str:
    """The n-th thing that `origin` (a command id, or a filing's stream) creates, n from 1."""
    return make_id("entity", origin, str(n))
