"""Identity's configuration: the kernel's, the one system administrator, the cost of a password, SMS and e-mail."""

import json
from typing import Annotated, Any, Literal

from pydantic import Field, FilePath, SecretStr, StringConstraints, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from libs.events.settings import LOCAL_SECRET, KernelSettings
from services.identity.outside.configured import OidcProvider

SHORTEST_ADMINISTRATOR_PASSWORD = 12
ProviderName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$")]


class Settings(KernelSettings):
    """`system_admin_*` make the system administrator once, at the first start of a deployment."""

    # A provider's secret is part of a larger value, which an error would show.
    model_config = SettingsConfigDict(hide_input_in_errors=True)

    system_admin_login: str = Field(default="system@tidu", min_length=1, max_length=64)
    system_admin_password: SecretStr = SecretStr(f"{LOCAL_SECRET}-Admin1")
    argon2_memory_kib: int = Field(default=19_456, ge=8)
    argon2_rounds: int = Field(default=2, ge=1)
    argon2_at_once: int = Field(default=2, ge=1)
    second_factor: Literal["", "required", "offered"] = ""
    """Whether officials act only with a second factor: required in production, elsewhere offered unless said otherwise."""
    sms: Literal["", "http", "tencent", "none"] = ""
    """How SMS go out; `none` says on purpose that none do, and everything that needs one says so."""
    sms_url: str = ""
    sms_key_id: str = ""
    sms_secret: SecretStr = SecretStr("")
    sms_app: str = ""
    sms_sign: str = ""
    sms_region: str = "ap-guangzhou"
    sms_templates: str = "{}"
    """JSON: our template's name → [the provider's template id, [the names of its parameters in order]]."""
    mail_host: str = ""
    mail_port: int = Field(default=465, ge=1, le=65535)
    mail_security: Literal["none", "starttls", "tls"] = "tls"
    mail_user: str = ""
    mail_password: SecretStr = SecretStr("")
    mail_from: str = ""
    scanner: Literal["", "clamd", "signatures"] = ""
    """Who looks at uploaded scans for malware; with none their state says that nobody has."""
    clamd_host: str = "127.0.0.1"
    clamd_port: int = Field(default=3310, ge=1, le=65535)
    breached_passwords: FilePath | None = None
    """A larger list of passwords that nobody may choose (breached.py says in which form)."""
    channel_timeout_seconds: float = Field(default=5.0, gt=0, le=30)

    oidc_providers: Annotated[dict[ProviderName, OidcProvider], NoDecode] = Field(default_factory=dict)
    """Providers of 统一登录 as JSON, by the name that stands in their addresses; none unless said."""

    @field_validator("breached_passwords", mode="before")
    @classmethod
    def _no_path_is_none(cls, given: Any) -> Any:
        return given or None

    @field_validator("oidc_providers", mode="before")
    @classmethod
    def _providers_are_json(cls, given: Any) -> Any:
        """An empty text is none: what is not set in a container's environment comes as one."""
        return json.loads(given or "{}") if isinstance(given, str) else given

    @model_validator(mode="after")
    def _providers_are_reached_safely(self) -> "Settings":
        plain = [name for name, one in self.oidc_providers.items() if not one.issuer.startswith("https:")]
        if self.profile == "production" and plain:
            raise ValueError(f"the production profile needs https issuers: {', '.join(plain)} in TIDU_OIDC_PROVIDERS")
        return self

    @model_validator(mode="after")
    def _second_factor_is_required_in_production(self) -> "Settings":
        if self.profile == "production" and self.second_factor == "offered":
            raise ValueError("the production profile requires a second factor: unset TIDU_SECOND_FACTOR")
        return self

    @model_validator(mode="after")
    def _administrator_is_real_in_production(self) -> "Settings":
        password = self.system_admin_password.get_secret_value()
        weak = len(password) < SHORTEST_ADMINISTRATOR_PASSWORD or LOCAL_SECRET in password
        if self.profile == "production" and (weak or "system_admin_login" not in self.model_fields_set):
            raise ValueError(
                "the production profile needs TIDU_SYSTEM_ADMIN_LOGIN and a TIDU_SYSTEM_ADMIN_PASSWORD "
                f"of at least {SHORTEST_ADMINISTRATOR_PASSWORD} characters"
            )
        return self

    @model_validator(mode="after")
    def _channels_are_whole(self) -> "Settings":
        """A channel that is half configured would strand everybody who needs a code: refused at the start."""
        missing = [name for name in self._needed_for_sms() if not self._given(name)]
        if self.mail_host and not self.mail_from:
            missing.append("mail_from")
        if self.profile == "production" and self.sms == "":
            missing.append("sms")
        if self.profile == "production" and not self.mail_host:
            missing.append("mail_host")
        if missing:
            names = ", ".join(f"TIDU_{name.upper()}" for name in missing)
            raise ValueError(f"SMS and e-mail are not configured: {names} missing (TIDU_SMS=none: no SMS on purpose)")
        if not isinstance(json.loads(self.sms_templates), dict):
            raise ValueError("TIDU_SMS_TEMPLATES is not a JSON object")
        return self

    def _needed_for_sms(self) -> tuple[str, ...]:
        match self.sms:
            case "http":
                return ("sms_url", "sms_key_id", "sms_secret")
            case "tencent":
                return ("sms_key_id", "sms_secret", "sms_app", "sms_sign", "sms_templates")
            case _:
                return ()

    def _given(self, name: str) -> bool:
        value = getattr(self, name)
        return bool(value.get_secret_value() if isinstance(value, SecretStr) else value) and value != "{}"
