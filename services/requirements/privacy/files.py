"""Files that wait to be imported, and threads of mail."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.privacy.holdings import DataSubject
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.models import EmailMessage, ImportPart


class Files:
    """Files that wait to be imported, and which message belongs to which thread.

    Nobody can say whom a file names before it is read: all of them go, and whoever sent them sends them again.
    """

    covers: ClassVar[Mapping[str, Sequence[str]]] = {
        "import_part": ("content",),
        "email_message": ("message_id",),
    }

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        mine = EmailMessage.workspace_id == session.info["workspace_id"], EmailMessage.feedback_id.in_(subject.ids)
        query = select(*EmailMessage.__table__.columns).where(*mine).order_by(EmailMessage.message_id)
        return {"email_message": [{**row} for row in (await session.execute(query)).mappings()]}

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        workspace_id = work.principal.workspace
        parts = await work.session.execute(delete(ImportPart).where(ImportPart.workspace_id == workspace_id))
        messages = await work.session.execute(
            delete(EmailMessage).where(
                EmailMessage.workspace_id == workspace_id, EmailMessage.feedback_id.in_(subject.ids)
            )
        )
        return {
            "import_part": int(getattr(parts, "rowcount", 0)),
            "email_message": int(getattr(messages, "rowcount", 0)),
        }
