"""What callers send and see of versions, scenarios and what differs between them."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.types import Body, Day, Flag, Patch, Prose, Reading, Resource, Timestamp, Title, omitted
from services.roadmap.domain.diff import ChangeKind, Part, Side
from services.roadmap.roadmaps.schemas import Grounded, Horizon, Place, PlacedFeature

ScenarioStatus = Literal["open", "merged"]


class VersionCreate(Body):
    name: Title
    note: Prose = Field(default="", description="What this version is for.")


class VersionRead(Reading):
    id: UUID
    roadmap_id: UUID
    number: int = Field(description="Counts the versions of this roadmap.")
    name: str
    note: str
    published_by: str
    published_at: Timestamp


class VersionPlace(Place):
    feature_id: UUID


class WholeVersionRead(VersionRead):
    places: list[VersionPlace]


class ReasonRead(Reading):
    """Why a place was changed, as it was said then."""

    reason: str | None
    decision_id: UUID | None
    optimization_id: UUID | None
    made_by: str
    made_at: Timestamp


class DifferenceRead(Reading):
    """A feature that stands elsewhere."""

    feature_id: UUID
    title: str | None = Field(description="Null when the feature is there no more.")
    kind: ChangeKind
    parts: list[Part]
    before: Place | None
    after: Place | None
    reasons: list[ReasonRead] = Field(description="What was said when it was moved, oldest first.")


class VersionChanges(Reading):
    """What differs between two versions."""

    from_version_id: UUID
    to_version_id: UUID | None = Field(description="Null: the living roadmap.")
    differences: list[DifferenceRead]


class ScenarioCreate(Body):
    roadmap_id: UUID
    version_id: UUID | None = Field(default=None, description="Branch off this version; null: off the living roadmap.")
    name: Title
    description: Prose = ""


class ScenarioUpdate(Patch):
    name: Title = omitted()
    description: Prose = omitted()


class ScenarioRead(Resource):
    roadmap_id: UUID
    version_id: UUID | None
    name: str
    description: str
    status: ScenarioStatus
    merged_by: str | None
    merged_at: Timestamp | None


class ScenarioItemPut(Body):
    horizon: Horizon | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    is_pinned: Flag = False

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValueError("it cannot end before it starts")
        return self


class ScenarioItemRead(Resource):
    scenario_id: UUID
    feature_id: UUID
    feature: PlacedFeature
    horizon: Horizon | None
    starts_on: date | None
    ends_on: date | None
    is_pinned: bool


class CostTotal(Reading):
    amount_minor: int
    currency: str


class PlanTotals(Reading):
    """A plan in a few numbers."""

    features: int
    effort_days: float
    value: float
    costs: list[CostTotal]
    starts_on: date | None
    ends_on: date | None
    late: int = Field(description="Features that end after their deadline.")
    overloaded_weeks: int = Field(description="Weeks of a team's skill in the next half year that are too full.")


class SideBySide(Reading):
    """A feature that stands elsewhere in the scenario."""

    feature_id: UUID
    title: str | None
    parts: list[Part]
    roadmap: Place | None
    scenario: Place | None


class MergeConflictRead(Reading):
    """A part of a place that both sides changed since the scenario branched off."""

    feature_id: UUID
    title: str | None
    part: Part
    base: Place | None
    roadmap: Place | None
    scenario: Place | None


class ScenarioComparison(Reading):
    """The living roadmap and a scenario, side by side."""

    roadmap: PlanTotals
    scenario: PlanTotals
    differences: list[SideBySide]
    changed_in_scenario: list[UUID]
    changed_on_roadmap: list[UUID] = Field(description="Since the scenario branched off.")
    conflicts: list[MergeConflictRead]


class DecidedPart(Body):
    """Whose part is taken where both sides changed it."""

    feature_id: UUID
    part: Part
    take: Side


class ScenarioMergeCreate(Grounded):
    decided: Annotated[list[DecidedPart], Field(max_length=2_000)] = []


class ScenarioMergeRead(Reading):
    """What the merge did to the living roadmap."""

    scenario_id: UUID
    placed: list[UUID]
    changed: list[UUID]
    removed: list[UUID]
