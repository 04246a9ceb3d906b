"""Publishing and retiring signing keys."""

from datetime import timedelta
from typing import assert_never

from libs.events.contracts.base import Event
from libs.events.contracts.identity import SigningKeyPublished, SigningKeyRetired
from libs.events.decider import Decider, Facts
from libs.events.errors import refuse_unless
from services.identity.domain.keys.commands import PublishSigningKey, RetireSigningKey
from services.identity.domain.keys.refusals import KeyUnknown, LastKey
from services.identity.domain.keys.state import KeysState, evolve, initial
from services.identity.domain.rules import account_rules

KeysCommand = PublishSigningKey | RetireSigningKey


def decide(command: KeysCommand, state: KeysState, facts: Facts) -> list[Event]:
    match command:
        case PublishSigningKey():
            return publish(command, state, facts)
        case RetireSigningKey():
            return retire(command, state)
        case _:
            assert_never(command)


def publish(command: PublishSigningKey, keys: KeysState, facts: Facts) -> list[Event]:
    """The first key of a deployment is usable at once, a later one when everybody has had time to see it."""
    known = command.kid in keys.keys or command.kid in keys.retired
    if known or (command.only_first and keys.keys):
        return []
    wait = 0 if keys.is_first else account_rules(facts.policies)["tokens"]["key_lead_seconds"]
    usable_from = command.now + timedelta(seconds=wait)
    return [SigningKeyPublished(command.received_at, command.kid, command.jwk, usable_from)]


def retire(command: RetireSigningKey, keys: KeysState) -> list[Event]:
    if command.kid in keys.retired:
        return []
    refuse_unless(command.kid in keys.keys, KeyUnknown())
    refuse_unless([key for key in keys.usable(command.now) if key.kid != command.kid], LastKey())
    return [SigningKeyRetired(command.received_at, command.kid, command.reason)]


decider = Decider("signingkeys", (PublishSigningKey, RetireSigningKey), initial, evolve, decide)
