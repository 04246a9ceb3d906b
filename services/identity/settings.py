"""Identity's configuration: the kernel's, the one system administrator, and the cost of a password."""

from pydantic import Field, SecretStr, model_validator

from libs.events.settings import LOCAL_SECRET, KernelSettings

SHORTEST_ADMINISTRATOR_PASSWORD = 12


class Settings(KernelSettings):
    """`system_admin_*` make the system administrator once, at the first start of a deployment."""

    system_admin_login: str = Field(default="system@tidu", min_length=1, max_length=64)
    system_admin_password: SecretStr = SecretStr(f"{LOCAL_SECRET}-Admin1")
    argon2_memory_kib: int = Field(default=19_456, ge=8)
    argon2_rounds: int = Field(default=2, ge=1)
    argon2_at_once: int = Field(default=2, ge=1)

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
