"""Dashboards as callers send and see them."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from services.chassis.types import Body, Patch, Prose, Reading, Remark, Resource, Timestamp, Title, omitted
from services.metrics.domain.rollups import Grain
from services.metrics.domain.standing import BandPosition, Progress
from services.metrics.kpis.schemas import Band, DimensionName
from services.metrics.measurements.parts import MOST_FILTERS
from services.metrics.measurements.schemas import ComparedPoint, Comparison, SeriesPoint

MOST_TILES = 24

DashboardFormat = Literal["csv", "markdown"]
DimensionValue = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
Filters = Annotated[dict[DimensionName, DimensionValue], Field(max_length=MOST_FILTERS)]


class Tile(Body):
    """One KPI as it is looked at here."""

    kpi_id: UUID
    title: Title | None = Field(default=None, description="Else the KPI's name.")
    grain: Grain | None = Field(default=None, description="The length of a period; else the KPI's cadence.")
    periods: Annotated[int, Field(ge=2, le=366)] = Field(default=13, description="How many whole periods it shows.")
    comparison: Comparison = Field(
        default="previous_period", description="What its last figure is compared with: the one before, or a year ago."
    )
    filters: Filters = Field(default={}, description="Only measurements that say so; of declared dimensions.")
    dimension: DimensionName | None = Field(
        default=None, description="Also tell the last figure of each of the values that were said most."
    )
    target_id: UUID | None = Field(default=None, description="Else the KPI's target that is due next.")
    note: Remark | None = None

    @model_validator(mode="after")
    def _is_split_as_a_whole(self) -> Self:
        if self.dimension is not None and (self.filters or self.grain is Grain.HOUR):
            raise ValueError("a tile with a `dimension` has no filters, and periods of a day or longer")
        return self


Tiles = Annotated[list[Tile], Field(max_length=MOST_TILES)]


class DashboardCreate(Body):
    """KPIs that are looked at together, in their order."""

    name: Title
    description: Prose = ""
    tiles: Tiles = []


class DashboardUpdate(Patch):
    """What is to change; tiles are replaced as a whole."""

    name: Title = omitted()
    description: Prose = omitted()
    tiles: Tiles = omitted()


class DashboardRead(Resource):
    """A dashboard as it was put together."""

    name: str
    description: str
    tiles: list[Tile]


class TileTarget(Reading):
    """How far a KPI is on its way; for how probable it is to get there, read the target's attainment."""

    target_id: UUID
    name: str
    value: float
    band: Band | None = Field(description="What is good enough around the value.")
    due_on: date
    current: float | None = Field(description="The mean of the last seven days, or the last week or month.")
    progress: float | None = Field(description="0 at the baseline, 1 at the target.")
    pace: float = Field(description="The share of the time that has gone: where a straight line would be.")
    standing: Progress


class TilePart(Reading):
    """The last figure of one value of the tile's dimension."""

    value: str
    latest: float | None
    earlier: float | None = Field(description="Its figure in the period before.")


class TileState(Reading):
    """Where a KPI stands."""

    kpi_id: UUID
    kpi_version: int
    title: str
    unit: str
    grain: Grain
    time_zone: str
    latest: SeriesPoint | None = Field(description="The last whole period that has a figure.")
    compared: ComparedPoint | None = Field(description="The period that it is compared with, and what has changed.")
    is_good: bool | None = Field(description="Whether the change is for the better; null where it is neither.")
    band: Band | None
    band_position: BandPosition | None
    target: TileTarget | None
    points: list[SeriesPoint]
    parts: list[TilePart] | None = Field(default=None, description="With `dimension`: most said first.")
    is_exact: bool = True
    method: Literal["hyperloglog", "ddsketch"] | None = None
    error_bound: float | None = None
    stale_days: int = 0
    fault: str | None = Field(
        default=None, description="Why it, or its parts, cannot be told, where its KPI was defined otherwise since."
    )
    note: str | None


class DashboardState(Reading):
    """A dashboard as things stand now, in the order of its tiles."""

    dashboard_id: UUID
    dashboard_version: int
    name: str
    as_of: Timestamp
    tiles: list[TileState]
