"""Calibration as callers see it."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from services.chassis.types import Reading

GroupBy = Literal["workspace", "kpi", "tag", "team", "requirement_kind", "estimator"]


class PromiseCalibrationGroup(Reading):
    """What a set of promises was worth."""

    group: str = Field(
        description="`workspace`, the id of the KPI or the team, the tag, the requirement's kind, or the `id` of "
        "`/v1/me` of who estimated; `unknown` where it was not told."
    )
    label: str
    count: int = Field(description="How many final outcomes with a measured effect it rests on.")
    hit_rate: float = Field(description="The share of effects that lay within the promised range.")
    hit_rate_low: float
    hit_rate_high: float
    compatible_rate: float = Field(description="The share whose interval touches the promised range.")
    bias: float | None = Field(description="Measured minus likely, on average, in the KPI's unit; null across units.")
    realised: float | None = Field(description="How much of the promises came true, on average; 1 is all.")
    factor: float = Field(description="Multiply the next promises by this; near `drawn_towards` while little is known.")
    drawn_towards: float = Field(description="1 for all promises together; for a part of them, the factor of all.")
    brier: float = Field(description="Score of the promised improvements: 0 is perfect, 0.25 is a coin.")
    outcome_ids: list[UUID] = Field(description="The outcomes it rests on, newest first, at most 100.")


class PromiseCalibrationRead(Reading):
    """How promises compare with what was measured."""

    group_by: GroupBy
    groups: list[PromiseCalibrationGroup]
