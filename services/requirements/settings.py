"""What the requirements service needs to know: `FULLCIRCLE_*`, with its own three database addresses."""

from pydantic import AliasChoices, Field

from services.chassis.settings import PostgresUrl, ServiceSettings


class RequirementsSettings(ServiceSettings):
    """The shared settings, with the requirements databases."""

    database_url: PostgresUrl = Field(
        validation_alias=AliasChoices("FULLCIRCLE_REQUIREMENTS_DATABASE_URL", "database_url")
    )
    migration_url: PostgresUrl = Field(
        validation_alias=AliasChoices("FULLCIRCLE_REQUIREMENTS_MIGRATION_URL", "migration_url")
    )
    direct_url: PostgresUrl = Field(validation_alias=AliasChoices("FULLCIRCLE_REQUIREMENTS_DIRECT_URL", "direct_url"))
