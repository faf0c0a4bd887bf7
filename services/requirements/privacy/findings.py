"""What studies quote of somebody."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.privacy.holdings import DataSubject
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.models import Finding, FindingQuote
from services.requirements.privacy.erasing import ERASED, changed, erase


class FindingQuotes:
    """What findings of studies quote of them."""

    covers: ClassVar[Mapping[str, Sequence[str]]] = {"finding_quote": ("quote",)}

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        mine = FindingQuote.workspace_id == session.info["workspace_id"], FindingQuote.feedback_id.in_(subject.ids)
        query = select(*FindingQuote.__table__.columns).where(*mine).order_by(FindingQuote.finding_id)
        return {"finding_quote": [{**row} for row in (await session.execute(query)).mappings()]}

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        """The finding changes with its quotes, and tells so."""
        workspace_id = work.principal.workspace
        mine = FindingQuote.workspace_id == workspace_id, FindingQuote.feedback_id.in_(subject.ids)
        erased = await work.session.execute(
            update(FindingQuote)
            .where(*mine, FindingQuote.quote != ERASED)
            .values(quote=ERASED, start_offset=0, end_offset=len(ERASED))
            .returning(FindingQuote.finding_id)
        )
        finding_ids = sorted(set(erased.scalars().all()))
        findings = (
            update(Finding)
            .where(Finding.workspace_id == workspace_id, Finding.id.in_(finding_ids))
            .values(**changed(work, Finding))
        )
        return {"finding_quote": await erase(work, Finding, findings, told_as="updated")}
