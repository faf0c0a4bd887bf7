"""What the gateway needs to know beyond the settings that all processes share."""

from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StringConstraints

from services.chassis.settings import PostgresUrl, ServiceSettings

# Only what is signed with a private key: a secret that the issuer shares with us would let us, or whoever reads it
# here, sign in its name.
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


class OidcIssuer(BaseModel):
    """A provider whose tokens are believed, and how far."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: Annotated[str, StringConstraints(pattern=r"^https?://")]
    audiences: Annotated[tuple[str, ...], Field(min_length=1)]
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ("RS256", "PS256", "ES256", "EdDSA")
    token_types: Annotated[tuple[str, ...], Field(min_length=1)] = ("at+jwt", "JWT")
    jwks_url: str | None = None

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(each.lower() for each in self.token_types)


class GatewaySettings(ServiceSettings):
    """Read from `FULLCIRCLE_*`."""

    database_url: PostgresUrl = Field(
        validation_alias=AliasChoices("FULLCIRCLE_GATEWAY_DATABASE_URL", "database_url"),
        description="The gateway's database, as its application role.",
    )
    migration_url: PostgresUrl = Field(
        validation_alias=AliasChoices("FULLCIRCLE_GATEWAY_MIGRATION_URL", "migration_url"),
        description="The same, as the role that owns the tables.",
    )
    direct_url: PostgresUrl = Field(
        validation_alias=AliasChoices("FULLCIRCLE_GATEWAY_DIRECT_URL", "direct_url"),
        description="The same, past any pooler, for LISTEN.",
    )
    rate_limit_requests: int = Field(
        default=60_000,
        ge=1,
        description="Requests that one key may make in `rate_limit_window_s`, at once if it likes.",
    )
    rate_limit_window_s: int = Field(default=60, ge=1, description="The window of the rate limit.")
    failed_keys_per_minute: int = Field(
        default=120, ge=1, description="Unknown API keys that one address may try in a minute."
    )
    forms_per_minute: int = Field(
        default=30, ge=1, description="Requests that one address may make with one form key in a minute."
    )
    strangers_per_minute: int = Field(
        default=600, ge=1, description="Requests that one address may make in a minute where no key is needed."
    )
    key_cache_s: int = Field(default=60, ge=0, description="How long a looked-up API key is remembered.")
    concurrent_requests: int = Field(
        default=4096, ge=1, description="Requests that are answered at the same time; one more gets 503."
    )
    security_contact: str = Field(
        default="",
        pattern=r"^$|^(mailto|https|tel):[\x21-\x7e]+$",
        description="Whom `/.well-known/security.txt` names, as `mailto:` or `https:`.",
    )
    figures_listen: str = Field(
        default="",
        pattern=r"^$|^[^:\s]+:\d{1,5}$",
        description="Where the gateway tells its figures to Prometheus, as `address:port`; nowhere unless given.",
    )
    oidc_issuers: tuple[OidcIssuer, ...] = Field(
        default=(), description="The OpenID Connect providers that people may sign in with, as JSON."
    )
    upstream_connections: int = Field(
        default=128, ge=1, description="Connections that the gateway keeps to one service at most."
    )
    upstream_queue: int = Field(default=1024, ge=0, description="Requests that may wait for such a connection.")

    @property
    def service_urls(self) -> dict[str, str]:
        """Where the services answer, by name."""
        return {"requirements": self.requirements_url, "roadmap": self.roadmap_url, "metrics": self.metrics_url}
