"""What the metrics service needs to know: `FULLCIRCLE_*`, with its own three database addresses."""

from pydantic import AliasChoices, Field

from services.chassis.settings import PostgresUrl, ServiceSettings


class MetricsSettings(ServiceSettings):
    """The shared settings, with the metrics databases."""

    database_url: PostgresUrl = Field(validation_alias=AliasChoices("FULLCIRCLE_METRICS_DATABASE_URL", "database_url"))
    migration_url: PostgresUrl = Field(
        validation_alias=AliasChoices("FULLCIRCLE_METRICS_MIGRATION_URL", "migration_url")
    )
    direct_url: PostgresUrl = Field(validation_alias=AliasChoices("FULLCIRCLE_METRICS_DIRECT_URL", "direct_url"))
    measurement_days: int = Field(
        default=0,
        ge=0,
        description="How long single measurements are kept; what they added up to stays. 0 keeps them.",
    )
