"""What the roadmap service needs to know: `FULLCIRCLE_*`, with its own three database addresses."""

from pydantic import AliasChoices, Field

from services.chassis.settings import PostgresUrl, ServiceSettings


class RoadmapSettings(ServiceSettings):
    """The shared settings, with the roadmap's databases."""

    database_url: PostgresUrl = Field(validation_alias=AliasChoices("FULLCIRCLE_ROADMAP_DATABASE_URL", "database_url"))
    migration_url: PostgresUrl = Field(
        validation_alias=AliasChoices("FULLCIRCLE_ROADMAP_MIGRATION_URL", "migration_url")
    )
    direct_url: PostgresUrl = Field(validation_alias=AliasChoices("FULLCIRCLE_ROADMAP_DIRECT_URL", "direct_url"))
    pdf_font: str | None = Field(
        default=None, description="A TrueType file for PDFs in scripts other than Latin; the built-in one has no other."
    )
    public_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#]+)?$",
        description="How people reach the gateway from outside, for the addresses in links, feeds and mails; "
        "else its own.",
    )

    @property
    def outside_url(self) -> str:
        """The beginning of every address that leaves the house."""
        return (self.public_url or self.gateway_url).rstrip("/")
