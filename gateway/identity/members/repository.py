"""The only SQL about a workspace's members."""

from typing import Any, ClassVar
from uuid import UUID

from gateway.models import Member
from services.chassis.repository import Repository


class MemberRepository(Repository[Member]):
    model: ClassVar[Any] = Member

    async def lock_admins(self) -> set[UUID]:
        """The admins who have signed in, held until the transaction ends: of two who remove each other, one waits."""
        admins = self.rows().where(Member.role == "admin", Member.joined_at.is_not(None))
        return {row.id for row in await self.all(admins.order_by(Member.id).with_for_update())}
