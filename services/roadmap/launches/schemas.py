"""What callers send and see when a release is to go out."""

from datetime import date
from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, Reading, Remark, Timestamp
from services.roadmap.domain.readiness import BlockerKind, ReleaseStatus


class BlockerRead(Reading):
    kind: BlockerKind
    id: UUID
    title: str
    function: str | None = Field(description="Whose work it is, where it is a work package.")
    due_on: date | None
    is_overdue: bool
    waits_for: list[UUID] = Field(description="Open work packages that must be done first.")


class ReadinessRead(Reading):
    release_id: UUID
    status: ReleaseStatus
    is_ready: bool
    target_on: date | None
    days_left: int | None = Field(description="Days from today to the target; negative: it has passed.")
    done: int = Field(description="Of `total` features, work packages and milestones.")
    total: int
    blockers: list[BlockerRead] = Field(description="First due first.")
    earliest_on: date = Field(
        description="When the open work could be over, each package with one person, and what roadmaps say of features."
    )
    late_by_days: int = Field(description="How far that lies behind the target; 0: not at all.")
    critical_path: list[UUID] = Field(description="The chain of work packages that decides it.")


class LaunchCreate(Body):
    at: Timestamp | None = Field(default=None, description="When it went out; now, unless given.")
    despite: Remark | None = Field(default=None, description="Why it goes out although something still blocks it.")
