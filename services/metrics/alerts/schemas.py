"""Alert rules and alerts as callers send and see them."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from services.chassis.types import Body, Flag, Patch, Real, Resource, Share, Timestamp, Title, Whole, omitted

AlertState = Literal["open", "acknowledged", "resolved"]
Periods = Annotated[Whole, Field(ge=1, le=90)]
Percent = Annotated[Real, Field(gt=0, le=1_000_000)]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Limit = Annotated[Real, Field(ge=2, le=20)]


class FixedCondition(Body):
    """The figure is above a threshold, or below it."""

    type: Literal["fixed"]
    comparison: Literal["above", "below"]
    value: Real


class ChangeCondition(Body):
    """The figure is off an earlier one by more than so many percent of it."""

    type: Literal["change"]
    direction: Literal["rise", "fall", "either"] = "either"
    percent: Percent
    compared_to: Literal["previous_period", "last_season"] = Field(
        default="previous_period", description="`last_season` is the same weekday of the week before, for daily KPIs."
    )


class BandCondition(Body):
    """The figure is outside of the KPI's own band."""

    type: Literal["band"]


class AnomalyCondition(Body):
    """The figure is one that its past did not let expect."""

    type: Literal["anomaly"]
    limit: Limit = Field(default=4.5, description="How many robust standard deviations off it has to be.")


class OffTrackCondition(Body):
    """A target of the KPI will probably be missed."""

    type: Literal["off_track"]
    target_id: UUID
    probability: Share = Field(default=0.3, description="Call when reaching it is less probable than this.")


AlertCondition = Annotated[
    FixedCondition | ChangeCondition | BandCondition | AnomalyCondition | OffTrackCondition,
    Field(discriminator="type"),
]


class QuietHours(Body):
    """Hours in which nobody is called, in the KPI's time zone; they may reach over midnight."""

    begins: ClockTime = Field(examples=["22:00"])
    ends: ClockTime = Field(examples=["07:00"])


class AlertRuleCreate(Body):
    """When somebody wants to be called."""

    kpi_id: UUID
    name: Title
    condition: AlertCondition
    periods: Periods = Field(default=1, description="For how many periods in a row, gaps passed over, it has to hold.")
    quiet_hours: QuietHours | None = None
    is_enabled: Flag = True


class AlertRuleUpdate(Patch):
    """What is to change."""

    name: Title = omitted()
    condition: AlertCondition = omitted()
    periods: Periods = omitted()
    quiet_hours: QuietHours | None = None
    is_enabled: Flag = omitted()


class AlertRuleRead(Resource):
    """A rule on a KPI."""

    kpi_id: UUID
    name: str
    condition: AlertCondition
    periods: int
    quiet_hours: QuietHours | None
    is_enabled: bool
    looked_at: Timestamp | None = Field(description="When it was looked at last.")


class AlertRead(Resource):
    """One time that a rule's condition came to hold."""

    alert_rule_id: UUID
    kpi_id: UUID
    kpi_version: int
    state: AlertState
    is_test: bool
    period_starts_at: Timestamp | None = Field(description="The period with which the condition had held long enough.")
    value: float | None = Field(description="The KPI's figure in that period; for `off_track` the probability.")
    facts: dict[str, Any] = Field(description="The condition as it was, and the figures that it was held against.")
    acknowledged_by: str | None
    acknowledged_at: Timestamp | None
    resolved_at: Timestamp | None
