"""What callers see of a team's brief."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.chassis.types import Reading, Timestamp

DutyKind = Literal["commitment", "feature", "work_package", "handoff"]


class DutyRead(Reading):
    kind: DutyKind
    id: UUID = Field(description="Of the commitment, feature, work package or hand-off.")
    title: str
    status: str
    due_on: date | None
    is_overdue: bool
    expected_on: date | None = Field(default=None, description="When the one who owes it thinks it will be done.")
    effort_days: float | None = None
    team_ids: list[UUID] = Field(description="Who waits for it; under `awaits`: who owes it.")
    whom: list[str] = Field(description="The same by name, and whoever is no team.")
    feature_id: UUID | None = None
    release_id: UUID | None = None


class BriefRead(Reading):
    team_id: UUID
    name: str
    as_of: Timestamp
    owes: list[DutyRead] = Field(description="First due first; what has no day comes last.")
    awaits: list[DutyRead]
    overdue: int = Field(description="How many of `owes` are overdue.")
    unanswered: int = Field(description="How many commitments wait for the team's answer.")
