"""What callers send and see of objectives and key results."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.chassis.types import (
    Body,
    Day,
    Metadata,
    MetadataPatch,
    Patch,
    Prose,
    Real,
    Resource,
    Timestamp,
    Title,
    omitted,
)

ObjectiveStatus = Literal["active", "achieved", "missed", "abandoned"]
Weight = Annotated[Real, Field(gt=0, le=1_000)]


class KeyResultCreate(Body):
    title: Title
    kpi_id: UUID = Field(description="The KPI that tells; metrics keeps it.")
    start_value: Real
    target_value: Real = Field(description="May be below `start_value`, for a KPI that should fall.")
    due_on: Day | None = None
    weight: Weight = 1.0


class KeyResultUpdate(Patch):
    title: Title = omitted()
    kpi_id: UUID = omitted()
    start_value: Real = omitted()
    target_value: Real = omitted()
    due_on: Day | None = None
    weight: Weight = omitted()


class KeyResultRead(Resource):
    objective_id: UUID
    title: str
    kpi_id: UUID
    start_value: float
    target_value: float
    current_value: float | None = Field(description="As metrics last reported it; null before that.")
    measured_at: Timestamp | None
    due_on: date | None
    weight: float
    progress: float | None = Field(description="The part of the way from start to target that is done, 0 to 1.")


class ObjectiveCreate(Body):
    title: Title
    description: Prose = ""
    starts_on: Day | None = None
    due_on: Day | None = None
    key_results: list[KeyResultCreate] = Field(default=[], max_length=20)
    metadata: Metadata = {}


class ObjectiveUpdate(Patch):
    title: Title = omitted()
    description: Prose = omitted()
    status: ObjectiveStatus = omitted()
    starts_on: Day | None = None
    due_on: Day | None = None
    metadata: MetadataPatch = omitted()


class ObjectiveRead(Resource):
    title: str
    description: str
    status: ObjectiveStatus
    starts_on: date | None
    due_on: date | None
    progress: float | None = Field(description="Weighted mean over the key results; null while nothing is measured.")
    key_results: list[KeyResultRead]
    metadata: dict[str, str] = Field(validation_alias="attributes")
