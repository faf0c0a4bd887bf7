"""Suggestions, merges and the calibrator that a workspace's decisions led to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.repository import Repository
from services.requirements.domain.calibration import SHIPPED, Calibrator
from services.requirements.models import Evidence, Merge, Requirement, Suggestion, WorkspaceCalibrator

MOST_DECISIONS = 5_000
"""The newest decisions teach the calibrator."""


class SuggestionRepository(Repository[Suggestion]):
    """Suggestions of one workspace."""

    model: ClassVar[Any] = Suggestion

    def matching(
        self, *, status: str | None, feedback_id: UUID | None, requirement_id: UUID | None
    ) -> Select[Suggestion]:
        query = self.rows()
        for column, value in (
            (Suggestion.status, status),
            (Suggestion.feedback_id, feedback_id),
            (Suggestion.requirement_id, requirement_id),
        ):
            if value is not None:
                query = query.where(column == value)
        return query

    async def withdraw_open(self, feedback_ids: Sequence[UUID]) -> Sequence[Any]:
        """Takes back what was suggested of feedback that says something else by now; answers ids and versions."""
        gone = delete(Suggestion).where(
            Suggestion.workspace_id == self.workspace_id,
            Suggestion.feedback_id.in_(feedback_ids),
            Suggestion.status == "open",
        )
        return (await self.session.execute(gone.returning(Suggestion.id, Suggestion.version))).all()

    async def is_known(self, feedback_id: UUID, requirement_id: UUID) -> bool:
        """Whether this was suggested before."""
        query = self.matching(status=None, feedback_id=feedback_id, requirement_id=requirement_id)
        return await self.session.scalar(query.limit(1)) is not None

    async def settled_pairs(self, feedback_ids: Sequence[UUID]) -> set[tuple[UUID, UUID]]:
        """(feedback, requirement) that were suggested before, or where one quotes the other."""
        suggested = select(Suggestion.feedback_id, Suggestion.requirement_id).where(
            Suggestion.workspace_id == self.workspace_id, Suggestion.feedback_id.in_(feedback_ids)
        )
        quoted = select(Evidence.feedback_id, Evidence.requirement_id).where(
            Evidence.workspace_id == self.workspace_id, Evidence.feedback_id.in_(feedback_ids)
        )
        rows = await self.session.execute(suggested.union(quoted))
        return {(row[0], row[1]) for row in rows}

    async def decisions(self) -> Sequence[Any]:
        """Features and outcome of the newest decisions."""
        query = (
            select(Suggestion.features, Suggestion.status)
            .where(
                Suggestion.workspace_id == self.workspace_id,
                Suggestion.status != "open",
                Suggestion.features.is_not(None),
            )
            .order_by(Suggestion.decided_at.desc())
            .limit(MOST_DECISIONS)
        )
        return (await self.session.execute(query)).all()


class MergeRepository(Repository[Merge]):
    """Merges of one workspace."""

    model: ClassVar[Any] = Merge

    def matching(self, *, requirement_id: UUID | None) -> Select[Merge]:
        query = self.rows()
        if requirement_id is not None:
            query = query.where((Merge.kept_id == requirement_id) | (Merge.merged_id == requirement_id))
        return query

    async def kept_at_last(self, requirement_id: UUID) -> UUID:
        """Where the quotes of a requirement are now: itself, or what it was merged into, and so on."""
        while True:
            query = select(Requirement.merged_into_id).where(
                Requirement.workspace_id == self.workspace_id, Requirement.id == requirement_id
            )
            into = await self.session.scalar(query)
            if into is None:
                return requirement_id
            requirement_id = into

    async def move(
        self, *, source: UUID, target: UUID, at: datetime, only: Sequence[UUID] | None = None
    ) -> Sequence[Any]:
        """Moves quotes (all, or `only` these) from one requirement to another; answers the moved rows."""
        moved = update(Evidence).where(Evidence.workspace_id == self.workspace_id, Evidence.requirement_id == source)
        if only is not None:
            moved = moved.where(Evidence.id.in_(only))
        moved = moved.values(requirement_id=target, version=Evidence.version + 1, updated_at=at)
        columns = (Evidence.id, Evidence.version, Evidence.feedback_id, Evidence.strength)
        rows = (await self.session.execute(moved.returning(*columns))).all()
        return sorted(rows, key=lambda row: row.id)


class CalibratorRepository:
    """The calibrator in force in one workspace."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._workspace_id: UUID = session.info["workspace_id"]

    async def row(self) -> WorkspaceCalibrator | None:
        return await self._session.get(WorkspaceCalibrator, self._workspace_id)

    async def in_force(self) -> Calibrator:
        """The workspace's own, or the one that is shipped."""
        row = await self.row()
        return SHIPPED if row is None else Calibrator(row.name, tuple(row.weights), row.intercept)

    async def keep(self, calibrator: Calibrator, *, decisions: int, fitted_at: datetime) -> None:
        values = {
            "name": calibrator.name,
            "weights": list(calibrator.weights),
            "intercept": calibrator.intercept,
            "decisions": decisions,
            "fitted_at": fitted_at,
        }
        new = insert(WorkspaceCalibrator).values(workspace_id=self._workspace_id, **values)
        await self._session.execute(new.on_conflict_do_update(index_elements=["workspace_id"], set_=values))
