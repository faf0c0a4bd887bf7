"""The only SQL about inquiries."""

from collections.abc import Collection
from typing import Any, ClassVar

from sqlalchemy import select

from services.chassis.repository import Repository
from services.chassis.tables import operation
from services.roadmap.models import Inquiry, InquiryAnswer


class InquiryRepository(Repository[Inquiry]):
    """Questions."""

    model: ClassVar[Any] = Inquiry

    async def states(self, inquiries: Collection[Inquiry]) -> dict[str, str]:
        """The states of their operations, as far as those are still kept."""
        query = select(operation.c.id, operation.c.state).where(
            operation.c.workspace_id == self.workspace_id,
            operation.c.id.in_([each.operation_id for each in inquiries]),
        )
        return {row.id: row.state for row in await self.session.execute(query)}


class InquiryAnswerRepository(Repository[InquiryAnswer]):
    """Answers; the id is the question's."""

    model: ClassVar[Any] = InquiryAnswer
