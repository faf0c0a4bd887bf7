"""The only SQL about the links that a trace follows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.requirements.models import Evidence, Feedback, FollowUp, Requirement, Theme, ThemeMember

LABEL_CHARACTERS = 400

Rows = Sequence[Any]


class TraceRepository:
    """Each question is one query, however many ids it is about."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._workspace_id: UUID = session.info["workspace_id"]

    async def feedback(self, ids: Sequence[UUID]) -> Rows:
        columns = (
            Feedback.id,
            func.left(Feedback.text, LABEL_CHARACTERS).label("words"),
            Feedback.source,
            Feedback.occurred_at,
        )
        return await self._all(columns, Feedback, Feedback.id.in_(ids))

    async def themes(self, ids: Sequence[UUID]) -> Rows:
        return await self._all((Theme.id, Theme.name, Theme.size, Theme.rebuilt_at), Theme, Theme.id.in_(ids))

    async def requirements(self, ids: Sequence[UUID]) -> Rows:
        """Those asked for, and those of the themes asked for; under the theme that theirs was merged into."""
        shown_as = func.coalesce(Theme.merged_into_id, Theme.id)
        columns = (
            Requirement.id,
            Requirement.title,
            Requirement.status,
            shown_as.label("theme_id"),
            Requirement.evidence_count,
            Requirement.created_at,
        )
        theirs = (Theme.workspace_id == Requirement.workspace_id) & (Theme.id == Requirement.theme_id)
        query = (
            select(*columns)
            .outerjoin(Theme, theirs)
            .where(Requirement.workspace_id == self._workspace_id, or_(Requirement.id.in_(ids), shown_as.in_(ids)))
        )
        return (await self._session.execute(query)).all()

    async def evidence(self, ids: Sequence[UUID], *, limit: int) -> Rows:
        """Quotes from this feedback, or for these requirements; the strongest first."""
        columns = (Evidence.feedback_id, Evidence.requirement_id, Evidence.quote)
        asked = or_(Evidence.feedback_id.in_(ids), Evidence.requirement_id.in_(ids))
        query = select(*columns).where(Evidence.workspace_id == self._workspace_id, asked)
        query = query.order_by(Evidence.strength.desc(), Evidence.id).limit(limit)
        return (await self._session.execute(query)).all()

    async def follow_ups(self, ids: Sequence[UUID], *, limit: int) -> Rows:
        """What was told of these requirements, or because of this feedback, and those asked for; newest first."""
        columns = (
            FollowUp.id,
            FollowUp.requirement_id,
            FollowUp.feedback_id,
            FollowUp.event,
            FollowUp.state,
            FollowUp.verdict,
            FollowUp.created_at,
        )
        asked = or_(FollowUp.id.in_(ids), FollowUp.requirement_id.in_(ids), FollowUp.feedback_id.in_(ids))
        query = select(*columns).where(FollowUp.workspace_id == self._workspace_id, asked)
        return (await self._session.execute(query.order_by(FollowUp.id.desc()).limit(limit))).all()

    async def memberships(self, feedback_ids: Sequence[UUID]) -> Rows:
        """The theme of each piece of feedback asked for."""
        return await self._all(
            (ThemeMember.feedback_id, ThemeMember.theme_id), ThemeMember, ThemeMember.feedback_id.in_(feedback_ids)
        )

    async def typical_members(self, theme_ids: Sequence[UUID], *, each: int) -> Rows:
        """The feedback nearest to the heart of each theme asked for."""
        place = func.row_number().over(
            partition_by=ThemeMember.theme_id, order_by=(ThemeMember.similarity.desc(), ThemeMember.feedback_id)
        )
        placed = (
            select(ThemeMember.feedback_id, ThemeMember.theme_id, place.label("place"))
            .where(ThemeMember.workspace_id == self._workspace_id, ThemeMember.theme_id.in_(theme_ids))
            .subquery()
        )
        query = select(placed.c.feedback_id, placed.c.theme_id).where(placed.c.place <= each)
        return (await self._session.execute(query)).all()

    async def _all(self, columns: Sequence[Any], table: Any, condition: Any) -> Rows:
        query = select(*columns).where(table.workspace_id == self._workspace_id, condition)
        return (await self._session.execute(query)).all()
