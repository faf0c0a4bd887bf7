"""The only SQL about stakeholder updates, their recipients and the answers to them."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import selectinload

from services.chassis.repository import Repository
from services.roadmap.models import StakeholderUpdate, UpdateRecipient, UpdateReply


class UpdateRepository(Repository[StakeholderUpdate]):
    """Updates, each with its recipients."""

    model: ClassVar[Any] = StakeholderUpdate

    def rows(self) -> Select[StakeholderUpdate]:
        return super().rows().options(selectinload(StakeholderUpdate.recipients))

    async def last_sent(self, *, roadmap_id: UUID, audience_id: UUID) -> StakeholderUpdate | None:
        """What this audience was told last of this roadmap."""
        query = (
            self.rows()
            .where(StakeholderUpdate.roadmap_id == roadmap_id, StakeholderUpdate.audience_id == audience_id)
            .where(StakeholderUpdate.status == "sent")
            .order_by(StakeholderUpdate.sent_at.desc(), StakeholderUpdate.id.desc())
            .limit(1)
        )
        return (await self.session.scalars(query)).one_or_none()


class RecipientRepository(Repository[UpdateRecipient]):
    """Recipients by themselves."""

    model: ClassVar[Any] = UpdateRecipient

    async def waiting(self, update_id: UUID) -> Sequence[UpdateRecipient]:
        """Those who have not been mailed to, in a fixed order."""
        query = self.rows().where(UpdateRecipient.update_id == update_id, UpdateRecipient.delivery == "waiting")
        return await self.all(query.order_by(UpdateRecipient.id))


class ReplyRepository(Repository[UpdateReply]):
    """Answers."""

    model: ClassVar[Any] = UpdateReply

    def to(self, update_id: UUID) -> Select[UpdateReply]:
        return self.rows().where(UpdateReply.update_id == update_id)
