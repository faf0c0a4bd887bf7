"""Calibration as callers see it."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from services.chassis.types import Reading

GroupBy = Literal["workspace", "kpi", "tag"]


class PromiseCalibrationGroup(Reading):
    """What a set of promises was worth."""

    group: str = Field(description="`workspace`, the KPI's id, or the tag.")
    label: str
    count: int = Field(description="How many final outcomes with a measured effect it rests on.")
    hit_rate: float = Field(description="The share of effects that lay within the promised range.")
    hit_rate_low: float
    hit_rate_high: float
    compatible_rate: float = Field(description="The share whose interval touches the promised range.")
    bias: float | None = Field(description="Measured minus likely, on average, in the KPI's unit; null across units.")
    realised: float | None = Field(description="How much of the promises came true, on average; 1 is all.")
    factor: float = Field(description="Multiply the next promises by this; near 1 while little is known.")
    brier: float = Field(description="Score of the promised improvements: 0 is perfect, 0.25 is a coin.")
    outcome_ids: list[UUID] = Field(description="The outcomes it rests on, newest first, at most 100.")


class PromiseCalibrationRead(Reading):
    """How promises compare with what was measured."""

    group_by: GroupBy
    groups: list[PromiseCalibrationGroup]
