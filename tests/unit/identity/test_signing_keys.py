"""Signing keys: the first at once, the next with notice, never none."""

from datetime import timedelta

from libs.events.contracts.identity import SigningKeyPublished, SigningKeyRetired
from services.identity.domain.keys.commands import PublishSigningKey, RetireSigningKey
from services.identity.domain.keys.refusals import KeyUnknown, LastKey
from tests.unit.identity.kit import NOW, RULES, SYSTEM, given_keys

NOTICE = timedelta(seconds=RULES["tokens"]["key_lead_seconds"])
FIRST = SigningKeyPublished(NOW, "k1", {"kid": "k1"}, NOW)
SECOND = SigningKeyPublished(NOW, "k2", {"kid": "k2"}, NOW + NOTICE)


def publish(kid: str, only_first: bool = False) -> PublishSigningKey:
    return PublishSigningKey("c1", NOW, SYSTEM, "local", kid, {"kid": kid}, NOW, only_first)


def retire(kid: str, after: timedelta = timedelta()) -> RetireSigningKey:
    return RetireSigningKey("c2", NOW, SYSTEM, "local", kid, "rotated", NOW + after)


def test_the_first_key_of_a_deployment_may_sign_at_once() -> None:
    outcome = given_keys().when(publish("k1")).then(FIRST)
    assert [key.kid for key in outcome.state.usable(NOW)] == ["k1"]


def test_a_later_key_signs_after_its_notice() -> None:
    outcome = given_keys(FIRST).when(publish("k2")).then(SECOND)
    assert [key.kid for key in outcome.state.usable(NOW)] == ["k1"]
    assert [key.kid for key in outcome.state.usable(NOW + NOTICE)] == ["k2", "k1"]


def test_of_processes_that_start_at_once_one_publishes() -> None:
    given_keys().when(publish("k1", only_first=True)).then(FIRST)
    given_keys(FIRST).when(publish("k2", only_first=True)).then_nothing()


def test_a_key_is_published_once_and_never_again_after_it_was_retired() -> None:
    given_keys(FIRST).when(publish("k1")).then_nothing()
    given_keys(FIRST, SECOND, SigningKeyRetired(NOW, "k1", "rotated")).when(publish("k1")).then_nothing()


def test_a_key_retires_only_when_another_may_sign() -> None:
    given_keys(FIRST, SECOND).when(retire("k1")).then_refused(LastKey)
    outcome = given_keys(FIRST, SECOND).when(retire("k1", NOTICE)).then(SigningKeyRetired(NOW, "k1", "rotated"))
    given_keys(*outcome.history).when(retire("k1", NOTICE)).then_nothing()
    given_keys(*outcome.history).when(retire("k2", NOTICE)).then_refused(LastKey)


def test_an_unknown_key_cannot_retire() -> None:
    given_keys(FIRST).when(retire("k9")).then_refused(KeyUnknown)
