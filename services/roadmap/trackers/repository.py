"""The only SQL about trackers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.chassis.repository import Repository
from services.roadmap.models import Integration, IssueLink


class IntegrationRepository(Repository[Integration]):
    """Integrations."""

    model: ClassVar[Any] = Integration

    async def note_heard(self, integration_id: UUID, at: datetime) -> None:
        """Being heard of is no change that an ETag would tell of."""
        mine = (Integration.workspace_id == self.workspace_id, Integration.id == integration_id)
        await self.session.execute(update(Integration).where(*mine).values(last_heard_at=at))


async def workspace_of(session: AsyncSession, integration_id: UUID) -> UUID | None:
    """Whose integration this is: what a tracker sends names nothing else."""
    workspace_id: UUID | None = await session.scalar(select(func.integration_workspace(integration_id)))
    return workspace_id


class IssueLinkRepository(Repository[IssueLink]):
    """Links, each with the thing that its issue stands for."""

    model: ClassVar[Any] = IssueLink

    def rows(self) -> Select[IssueLink]:
        return super().rows().options(joinedload(IssueLink.feature), joinedload(IssueLink.requirement))

    def matching(self, **wanted: Any) -> Select[IssueLink]:
        """Links whose columns have these values; what is None does not matter."""
        query = self.rows()
        for name, value in wanted.items():
            if value is not None:
                query = query.where(getattr(IssueLink, name) == value)
        return query

    async def of_issue(self, provider: str, issue: str) -> Sequence[IssueLink]:
        """Everything that this issue stands for, held until the transaction ends, in the order of ids."""
        query = self.matching(provider=provider, issue=issue).order_by(IssueLink.id)
        return await self.all(query.with_for_update(of=IssueLink).execution_options(populate_existing=True))

    async def of_feature(self, feature_id: UUID) -> Sequence[IssueLink]:
        return await self.all(self.matching(feature_id=feature_id))
