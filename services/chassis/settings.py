"""Settings shared by the four processes, read from `FULLCIRCLE_*`."""

import base64
import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET_NAMES = ("key_pepper", "cursor_key", "signing_key")


def default_home() -> Path:
    """`.fullcircle` in the working directory; `/var/lib/fullcircle` for root, whose home others cannot reach."""
    return Path("/var/lib/fullcircle") if os.geteuid() == 0 else Path(".fullcircle")


def _postgres_url(url: str, info: ValidationInfo) -> str:
    if not url.startswith(("postgresql://", "postgres://")):
        raise ValueError(f"{info.field_name} must begin with postgresql://")
    return url


PostgresUrl = Annotated[str, AfterValidator(_postgres_url)]


class ServiceSettings(BaseSettings):
    """What any of the four processes needs to know."""

    model_config = SettingsConfigDict(env_prefix="FULLCIRCLE_", extra="ignore", populate_by_name=True)

    home: Path = Field(default_factory=default_home, description="Where data, secrets and logs are kept.")
    environment: Literal["development", "production"] = Field(
        default="development", description="`production` refuses plain http to the outside."
    )
    role: Literal["api", "worker", "all"] = Field(
        default="all", description="`api` answers, `worker` does jobs and applies feeds, `all` does both."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Least level logged.")
    log_format: Literal["json", "console"] = Field(default="json", description="One JSON object per line, or text.")
    access_log: bool = Field(default=False, description="Log every request, not only those that failed.")
    pool_size: int = Field(default=12, ge=1, le=200, description="Database connections per process.")
    statement_timeout_s: int = Field(default=30, ge=1, description="After this long PostgreSQL cancels a statement.")
    prepared_statements: bool = Field(
        default=True, description="Turn off behind a pooler in transaction mode that does not support them."
    )
    child_niceness: int = Field(
        default=19,
        ge=0,
        le=19,
        description="How far solvers and models stand back: 19 behind everything on the machine, 0 behind nothing.",
    )
    idempotency_hours: int = Field(default=24, ge=1, description="How long an Idempotency-Key is remembered.")
    event_days: int = Field(default=30, ge=1, description="How long events stay in the feed.")
    request_timeout_s: int = Field(default=30, ge=1, description="The longest that one request may take.")
    requirements_url: str = Field(default="http://127.0.0.1:8001", description="Where requirements answers.")
    roadmap_url: str = Field(default="http://127.0.0.1:8002", description="Where roadmap answers.")
    metrics_url: str = Field(default="http://127.0.0.1:8003", description="Where metrics answers.")
    gateway_url: str = Field(default="http://127.0.0.1:8000", description="Where the gateway answers.")
    key_pepper: SecretStr = Field(default=SecretStr(""), description="Pepper of the API key hashes, base64url.")
    cursor_key: SecretStr = Field(default=SecretStr(""), description="Signs cursors and sync tokens, base64url.")
    signing_key: SecretStr = Field(default=SecretStr(""), description="Ed25519 seed of internal tokens, base64url.")

    smtp_host: str = Field(default="", description="The SMTP server that mail goes out by; without one none is sent.")
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    smtp_security: Literal["none", "starttls", "tls"] = Field(
        default="starttls", description="`tls` from the first byte, `starttls` after the greeting, `none` on loopback."
    )
    smtp_user: str = Field(default="", description="Who signs in there; nobody if empty.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="The password to it.")
    mail_from: str = Field(default="fullcircle@localhost", description="The address that mail is sent from.")
    mail_name: str = Field(default="Fullcircle", description="The name beside it.")

    database_url: PostgresUrl
    migration_url: PostgresUrl
    direct_url: PostgresUrl

    @model_validator(mode="after")
    def _read_secret_files(self) -> Self:
        for name in SECRET_NAMES:
            path = self.home / "secrets" / name
            if not getattr(self, name).get_secret_value() and path.is_file():
                setattr(self, name, SecretStr(path.read_text().strip()))
        return self

    def secret(self, name: Literal["key_pepper", "cursor_key", "signing_key"]) -> str:
        """A secret's text; raises ValueError, naming the setting, when there is none."""
        value: str = getattr(self, name).get_secret_value()
        if not value:
            raise ValueError(f"FULLCIRCLE_{name.upper()} is not set and {self.home}/secrets/{name} does not exist")
        return value

    def secret_bytes(self, name: Literal["key_pepper", "cursor_key", "signing_key"]) -> bytes:
        """A secret decoded from base64url."""
        text = self.secret(name)
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
