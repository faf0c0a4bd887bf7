"""What somebody was told."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.privacy.holdings import DataSubject
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.models import FollowUp
from services.requirements.privacy.erasing import ERASED, changed, erase, rows_of


class FollowUps:
    """What they were told; that they were told stays on record, without the words."""

    covers: ClassVar[Mapping[str, Sequence[str]]] = {"follow_up": ("quote", "subject", "body")}

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        return {"follow_up": await rows_of(session, FollowUp, FollowUp.contact_id.in_(subject.all_ids))}

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        erased = (
            update(FollowUp)
            .where(FollowUp.workspace_id == work.principal.workspace, FollowUp.contact_id.in_(subject.all_ids))
            .values(quote=ERASED, subject=ERASED, body=ERASED, **changed(work, FollowUp))
        )
        return {"follow_up": await erase(work, FollowUp, erased)}
