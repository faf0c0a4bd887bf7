"""What callers see of a portfolio."""

from datetime import date
from uuid import UUID

from pydantic import Field

from services.chassis.types import Reading
from services.roadmap.domain.horizons import Column
from services.roadmap.domain.states import FeatureStatus


class PortfolioRoadmap(Reading):
    id: UUID
    name: str


class PlaceOnRoadmap(Reading):
    roadmap_id: UUID
    starts_on: date | None
    ends_on: date | None
    is_pinned: bool


class Card(Reading):
    feature_id: UUID
    product_id: UUID | None
    title: str
    status: FeatureStatus
    column: Column
    places: list[PlaceOnRoadmap] = Field(description="Where it stands; a feature may stand on several roadmaps.")
    starts_on: date | None = Field(description="The first day that any roadmap gives it.")
    ends_on: date | None = Field(description="The last day that any roadmap gives it.")
    is_late: bool = Field(description="It should have ended, or its deadline comes before its end.")
    team_ids: list[UUID]
    depends_on: list[UUID]
    release_ids: list[UUID]


class Board(Reading):
    now: list[Card]
    next: list[Card]
    later: list[Card]
    shipped: list[Card]


class Lane(Reading):
    roadmap_id: UUID
    name: str
    cards: list[UUID] = Field(description="Dated features of this roadmap, first to begin first.")


class SharedTeam(Reading):
    team_id: UUID
    name: str
    roadmap_ids: list[UUID]
    product_ids: list[UUID]


class DateClash(Reading):
    feature_id: UUID
    title: str
    roadmap_ids: list[UUID]


class CrossDependency(Reading):
    feature_id: UUID
    needs_feature_id: UUID
    roadmap_ids: list[UUID] = Field(description="Of the feature that waits.")
    needs_roadmap_ids: list[UUID] = Field(description="Of the one it waits for; empty: it stands on none of these.")
    is_in_order: bool | None = Field(description="Whether the dates leave room for it; null: a date is missing.")


class PortfolioRead(Reading):
    as_of: date
    roadmaps: list[PortfolioRoadmap]
    board: Board
    timeline: list[Lane]
    shared_teams: list[SharedTeam] = Field(
        description="Teams that work for more than one of these roadmaps, or of their products."
    )
    date_clashes: list[DateClash] = Field(description="Features that two roadmaps date differently.")
    dependencies: list[CrossDependency] = Field(description="Between features of different roadmaps.")
