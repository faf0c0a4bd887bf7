"""What callers send and see of integrations with trackers, and of links to their issues."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from services.chassis.types import (
    Body,
    Label,
    Patch,
    Reading,
    Resource,
    Timestamp,
    Title,
    WebUrl,
    Whole,
    omitted,
)
from services.roadmap.domain.tracking import Phase, ReportedStatus
from services.roadmap.trackers.providers.all import Provider

MAX_STATES = 100
MAPPING = (
    "What each state of the tracker says of the thing that its issue stands for; null: nothing. A state that is not "
    "named here counts as is usual: begun is `in_progress`, done is `shipped`, cancelled is `dropped`."
)
CHOSEN_BY = (
    "What the tracker signs with, where it chose the secret itself (Linear does); made here when it is left out."
)


def _bounded(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    if len(mapping) > MAX_STATES:
        raise ValueError(f"at most {MAX_STATES} states")
    return mapping


StatusMapping = Annotated[
    dict[Label, ReportedStatus | None],
    AfterValidator(_bounded),
    Field(description=MAPPING, json_schema_extra={"maxProperties": MAX_STATES}),
]
Secret = Annotated[
    str, StringConstraints(min_length=16, max_length=255, pattern=r"^[!-~]+$"), Field(description=CHOSEN_BY)
]


class IntegrationCreate(Body):
    name: Title
    provider: Provider
    status_mapping: StatusMapping = {}
    secret: Secret | None = None


class IntegrationUpdate(Patch):
    name: Title = omitted()
    status_mapping: StatusMapping = omitted()


class IntegrationSecretRotate(Body):
    secret: Secret | None = None
    overlap_hours: Annotated[Whole, Field(ge=0, le=168, description="How long the old secret is still believed.")] = 24


class IntegrationRead(Resource):
    name: str
    provider: Provider
    status_mapping: dict[str, ReportedStatus | None] = Field(description=MAPPING)
    webhook_path: str = Field(description="Where the tracker sends its events, below this API's address.")
    previous_until: Timestamp | None = Field(description="Until then the secret before this one is believed too.")
    last_heard_at: Timestamp | None = Field(description="When an event last came that was signed well.")


class IntegrationSecretRead(IntegrationRead):
    secret: str | None = Field(
        description="For the tracker's settings, shown this once; null when you gave it, and in a replay."
    )

    shown_once: ClassVar[frozenset[str]] = frozenset({"secret"})


class IssueLinkCreate(Body):
    url: WebUrl = Field(description="The address of the issue, as your browser shows it.")
    provider: Provider | None = Field(default=None, description="Only where the address does not say whose it is.")
    feature_id: UUID | None = Field(default=None, description="The feature that the issue is work on.")
    requirement_id: UUID | None = Field(default=None, description="Or the requirement.")

    @model_validator(mode="after")
    def _of_one_thing(self) -> Self:
        if (self.feature_id is None) == (self.requirement_id is None):
            raise ValueError("name a feature or a requirement, and not both")
        return self


class ContradictionRead(Reading):
    field: str = Field(description="`status`, `started_at` or `shipped_at`.")
    plan: str = Field(description="What stands here.")
    tracker: str = Field(description="What the issue says.")


class IssueLinkRead(Resource):
    provider: Provider
    url: str
    feature_id: UUID | None
    requirement_id: UUID | None
    state: str | None = Field(description="In the tracker's own words; null until it was heard of.")
    phase: Phase | None
    reported_status: ReportedStatus | None = Field(description="What that says of the plan, by the team's mapping.")
    reported_at: Timestamp | None
    issue_started_at: Timestamp | None
    issue_done_at: Timestamp | None
    contradictions: list[ContradictionRead] = Field(
        description="Where plan and tracker cannot both be right. Nothing is overwritten: change whichever is wrong."
    )
