"""The only SQL about templates."""

from typing import Any, ClassVar

from sqlalchemy import Select

from services.chassis.repository import Repository
from services.requirements.domain.following_up import FollowUpEvent
from services.requirements.models import FollowUpTemplate


class TemplateRepository(Repository[FollowUpTemplate]):
    """Templates of one workspace: one for each event at most."""

    model: ClassVar[Any] = FollowUpTemplate

    def matching(self, *, event: FollowUpEvent | None) -> Select[FollowUpTemplate]:
        return self.rows() if event is None else self.rows().where(FollowUpTemplate.event == event)

    async def of(self, event: FollowUpEvent) -> FollowUpTemplate | None:
        return (await self.session.scalars(self.matching(event=event))).one_or_none()
