"""Configuration by environment variables (prefix TIDU_); a production profile refuses default secrets."""

from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOCAL_MASTER_KEY = "bG9jYWwtb25seS1sb2NhbC1vbmx5LWxvY2FsLW9ubHk="
LOCAL_SECRET = "local-only"
SHORTEST_ACCESS_DAYS = 183
PRODUCTION_REQUESTS_PER_SECOND = 100


class KernelSettings(BaseSettings):
    """What every service needs. `shards` is P, chosen once per deployment."""

    model_config = SettingsConfigDict(env_prefix="TIDU_", extra="ignore")

    profile: Literal["local", "test", "production"] = "local"
    deployment: str = Field(default="local", pattern=r"^[a-z0-9]{1,32}$")
    kafka: str = "127.0.0.1:9092"
    store_uri: str = "mongodb://127.0.0.1:27017/?directConnection=true"
    keys_uri: str = ""
    http_host: str = "127.0.0.1"
    http_port: int = 8000
    shards: int = Field(default=6, ge=1, le=1024)
    origin: str = "http://127.0.0.1:8080"
    master_key: SecretStr = SecretStr(LOCAL_MASTER_KEY)
    pepper: SecretStr = SecretStr(LOCAL_SECRET)
    fingerprint_secret: SecretStr = SecretStr(f"0:{LOCAL_SECRET}")
    log_level: str = "info"
    relay_poll_seconds: float = 5.0
    requests_per_second: int | None = Field(default=None, ge=0)
    """How many requests of one principal a process answers, lastingly; 0: any number. Unless said: 100 in production, any
    number elsewhere, where machines drive it."""
    access_days: int = Field(default=1095, ge=SHORTEST_ACCESS_DAYS)
    """How long the access log is kept."""
    access_attest_seconds: float = Field(default=300.0, gt=0)
    """How often the access log's length and newest hash enter the domain's log, where something was noted since."""
    instance: str = ""
    """This process's name among those of its service, the same after a restart: Kafka gives it its partitions back at once
    instead of waiting until the dead one's session is over. Two processes that live must not have the same."""
    points: str = ""
    """A file that tells at which crash point this process dies (libs/events/points.py); never in production."""
    wall_step: str = ""
    """A file that says by how many milliseconds this process's wall clock is off (a trial); never in production."""
    prefix: str = Field(default="", pattern=r"^[a-z0-9]*$")
    """Before every database's and topic's name: for tests that share a broker and a store."""

    @property
    def most_per_second(self) -> int:
        """0: no limit."""
        if self.requests_per_second is not None:
            return self.requests_per_second
        return PRODUCTION_REQUESTS_PER_SECOND if self.profile == "production" else 0

    @model_validator(mode="after")
    def _no_default_secret_in_production(self) -> "KernelSettings":
        if self.profile == "production":
            if self.points:
                raise ValueError("crash points cannot be armed in the production profile: unset TIDU_POINTS")
            if self.wall_step:
                raise ValueError("the clock cannot be stepped in the production profile: unset TIDU_WALL_STEP")
            secrets = (self.master_key, self.pepper, self.fingerprint_secret)
            if any(LOCAL_SECRET in s.get_secret_value() or s.get_secret_value() == LOCAL_MASTER_KEY for s in secrets):
                raise ValueError(
                    "the production profile needs its own TIDU_MASTER_KEY, TIDU_PEPPER, TIDU_FINGERPRINT_SECRET"
                )
        return self
