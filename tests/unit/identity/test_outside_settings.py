"""Providers are configured whole or the service does not start; their secrets are in no message."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from services.identity.settings import Settings
from tests.unit.identity.abroad import configured
from tests.unit.identity.test_identity_settings import CHANNELS, GOOD, SECRETS

ISSUER = "https://login.example"


def provider(**changes: Any) -> dict[str, Any]:
    return configured(changes.pop("issuer", ISSUER), **changes)


def test_providers_come_as_json_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDU_OIDC_PROVIDERS", json.dumps({"province": provider(links_by_credit_code=True)}))
    (one,) = Settings().oidc_providers.values()
    assert (one.issuer, one.scopes, one.links_by_credit_code) == (ISSUER, ("openid",), True)
    assert one.client_secret.get_secret_value() == "a-secret-of-tests"
    monkeypatch.setenv("TIDU_OIDC_PROVIDERS", "")
    assert Settings().oidc_providers == {}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"issuer": "http://login.example"}, "https"),
        ({"issuer": "ftp://127.0.0.1"}, "https"),
        ({"issuer": "https://login.example?x=1"}, "issuer"),
        ({"issuer": "https://user:pass@login.example"}, "issuer"),
        ({"client_secret": ""}, "client_secret"),
        ({"scopes": ["profile"]}, "openid"),
        ({"credit_code_claim": "", "links_by_credit_code": True}, "credit_code_claim"),
        ({"algorithms": ["HS256"]}, "algorithms"),
        ({"algorithms": ["none"]}, "algorithms"),
        ({"return_paths": []}, "return_paths"),
        ({"unheard_of": 1}, "unheard_of"),
    ],
)
def test_what_is_wrong_is_refused_without_telling_the_secret(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(oidc_providers={"province": provider(**changes)})
    assert why in str(refused.value)
    assert "a-secret-of-tests" not in str(refused.value)


def test_what_is_no_json_is_refused_without_telling_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ('{"province": {"client_secret": "a-secret-of-tests"', '["a-secret-of-tests"]'):
        monkeypatch.setenv("TIDU_OIDC_PROVIDERS", text)
        with pytest.raises(ValidationError) as refused:
            Settings()
        assert "a-secret-of-tests" not in str(refused.value)


@pytest.mark.parametrize("name", ["", "Province", "a/b", "a" * 33, "省"])
def test_a_name_stands_in_an_address(name: str) -> None:
    with pytest.raises(ValidationError):
        Settings(oidc_providers={name: provider()})


def test_plain_http_is_for_this_machine_and_not_for_production() -> None:
    local = {"province": provider(issuer="http://127.0.0.1:9000")}
    assert Settings(oidc_providers=local).oidc_providers["province"].issuer == "http://127.0.0.1:9000"
    with pytest.raises(ValidationError, match="https issuers: province"):
        Settings(profile="production", oidc_providers=local, **SECRETS, **GOOD, **CHANNELS)  # type: ignore[arg-type]
