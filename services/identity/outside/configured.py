"""What is configured of an outside provider, and which is meant by a path's name."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from libs.events.errors import Refused

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures only: with a shared secret or with none anybody who knows the client could say who somebody is."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class OidcProvider(BaseModel):
    """`return_paths` are the beginnings of paths of our own origin that a sign-in may end at. `links_by_credit_code`: the
    provider vouches for the enterprise's credit code (as a province's 统一登录 does), so that it links without the password;
    with `verified_claim` only where that claim of the token is true."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1, max_length=64)
    issuer: str
    client_id: str = Field(min_length=1)
    client_secret: SecretStr
    client_auth: Literal["client_secret_basic", "client_secret_post"] = "client_secret_basic"
    scopes: tuple[str, ...] = ("openid",)
    algorithms: tuple[Algorithm, ...] = ("RS256", "PS256", "ES256", "EdDSA")
    subject_claim: str = Field(default="sub", min_length=1)
    credit_code_claim: str = ""
    enterprise_name_claim: str = ""
    verified_claim: str = ""
    links_by_credit_code: bool = False
    return_paths: tuple[str, ...] = Field(default=("/",), min_length=1)
    timeout_seconds: float = Field(default=5.0, gt=0, le=30)

    @field_validator("issuer")
    @classmethod
    def _is_an_address(cls, issuer: str) -> str:
        parts = urlsplit(issuer)
        if not parts.hostname or parts.query or parts.fragment or parts.username:
            raise ValueError("an issuer is an address without query and fragment")
        if not is_safe(issuer):
            raise ValueError("an issuer has an https address; only on this machine http is enough")
        return issuer

    @model_validator(mode="after")
    def _whole(self) -> "OidcProvider":
        if not self.client_secret.get_secret_value():
            raise ValueError("client_secret is empty")
        if "openid" not in self.scopes:
            raise ValueError("scopes lack openid")
        if self.links_by_credit_code and not self.credit_code_claim:
            raise ValueError("links_by_credit_code needs credit_code_claim")
        return self


def is_safe(url: str) -> bool:
    """https, or http on this machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


class ProviderUnknown(Refused):
    code = "identity.provider-unknown"
    title = "没有开通这种统一登录"
    status = 404
