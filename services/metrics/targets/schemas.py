"""Targets as callers send and see them."""

from datetime import date
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.types import Body, Day, Patch, Reading, Real, Resource, Title, omitted
from services.metrics.domain.attainment import Status
from services.metrics.kpis.schemas import Band


class TargetCreate(Body):
    """A figure that a KPI should come to by a day."""

    kpi_id: UUID
    name: Title
    value: Real
    band: Band | None = Field(
        default=None, description="What is good enough around `value`: within it the target is reached."
    )
    baseline: Real | None = Field(default=None, description="Where it starts from; else its first figures.")
    starts_on: Day
    due_on: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.starts_on >= self.due_on:
            raise ValueError("due_on lies after starts_on")
        if self.band is not None and not self.band.low <= self.value <= self.band.high:
            raise ValueError("value lies within the band")
        return self


class TargetUpdate(Patch):
    """What is to change."""

    name: Title = omitted()
    value: Real = omitted()
    band: Band | None = None
    baseline: Real | None = None
    starts_on: Day = omitted()
    due_on: Day = omitted()


class TargetRead(Resource):
    """A target."""

    kpi_id: UUID
    name: str
    value: float
    band: Band | None
    baseline: float | None
    starts_on: date
    due_on: date


class AttainmentRead(Reading):
    """How a KPI is getting on towards a target."""

    target_id: UUID
    kpi_id: UUID
    kpi_version: int
    status: Status = Field(description="`on_track` from a probability of 0.6, `at_risk` from 0.3.")
    current: float | None = Field(description="The mean of the last seven days, or the last week or month.")
    progress: float | None = Field(description="0 at the baseline, 1 at the target, or anywhere within its band.")
    pace: float = Field(description="The share of the time that has gone: where a straight line would be.")
    expected: float | None = Field(description="What the KPI is forecast to be when the target is due.")
    probability: float | None = Field(
        description="How probable it is to be there by then: at the target, or within its band."
    )
    method: str | None = Field(description="How it was forecast.")
