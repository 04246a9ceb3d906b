"""Fingerprints tell a repeated request from another one under the same key, also after the secret was changed."""

from libs.events.fingerprint import NONE, Fingerprints

OLD, NEW, BOTH = Fingerprints("1:old"), Fingerprints("2:new"), Fingerprints("2:new, 1:old")


def test_the_same_request_matches_and_another_does_not() -> None:
    stored = OLD.of("request")
    assert OLD.matches(stored, "request")
    assert not OLD.matches(stored, "another")


def test_a_fingerprint_names_its_secret_and_says_nothing_of_the_request() -> None:
    name, _, digest = OLD.of("request").partition(".")
    assert name == "1" and len(digest) == 64
    assert OLD.of("request") != NEW.of("request").replace("2.", "1.")


def test_it_is_the_hmac_that_the_logs_hold() -> None:
    assert OLD.of("request") == "1.7f907353925e7d50a2955fc1a06928bc77b6f026fabb89e15caa8e80b9ed4553"


def test_after_a_change_of_secret_the_old_ones_are_recognised() -> None:
    assert BOTH.matches(OLD.of("request"), "request")
    assert BOTH.of("request") == NEW.of("request")


def test_a_secret_that_is_gone_matches_nothing() -> None:
    assert not NEW.matches(OLD.of("request"), "request")


def test_without_a_caller_there_is_nothing_to_compare() -> None:
    assert OLD.of(None) == NONE
    assert OLD.matches(NONE, None)
    assert not OLD.matches(NONE, "request")
    assert not OLD.matches(OLD.of("request"), None)
