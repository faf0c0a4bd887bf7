"""Drivers as callers see them."""

from uuid import UUID

from pydantic import Field

from services.chassis.types import Reading, Timestamp


class KpiDriverRead(Reading):
    """One value's part in the change."""

    value: str | None = Field(description="The value of the dimension; null for what names none, or a lesser one.")
    before: float | None = Field(description="The value's own figure in the window before; null where it has none.")
    after: float | None = Field(description="The value's own figure in the window.")
    contribution: float = Field(description="Its part in the change; all parts add up to it.")
    mix: float | None = Field(description="For means: what came of its share of the weight being another.")
    rate: float | None = Field(description="For means: what came of its own mean being another.")


class KpiDriversRead(Reading):
    """What moved a KPI from one window to the next."""

    kpi_id: UUID
    kpi_version: int
    dimension: str | None
    unit: str
    starts_at: Timestamp
    ends_at: Timestamp
    compared_from: Timestamp = Field(description="Where the window before begins; it ends where this one begins.")
    before: float | None
    after: float | None
    change: float | None = Field(description="Null where a mean has nothing to divide by in one of the windows.")
    drivers: list[KpiDriverRead] = Field(description="What moved it most first.")
