"""What somebody answered to Kano's questions."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.privacy.holdings import DataSubject
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.models import KanoAnswer
from services.requirements.privacy.erasing import changed, erase, rows_of


class KanoAnswers:
    """What they answered to Kano's questions; the answers count on, but nobody knows any more whose they are."""

    covers: ClassVar[Mapping[str, Sequence[str]]] = {"kano_answer": ("functional", "dysfunctional")}

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        return {"kano_answer": await rows_of(session, KanoAnswer, KanoAnswer.contact_id.in_(subject.all_ids))}

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        unlinked = (
            update(KanoAnswer)
            .where(KanoAnswer.workspace_id == work.principal.workspace, KanoAnswer.contact_id.in_(subject.all_ids))
            .values(contact_id=None, **changed(work, KanoAnswer))
        )
        return {"kano_answer": await erase(work, KanoAnswer, unlinked)}
