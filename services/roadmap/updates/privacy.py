"""Whom updates were mailed to, and what they answered as long as it is not yet feedback."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.privacy.holdings import DataSubject
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.models import UpdateRecipient, UpdateReply


class Correspondence:
    """A person's addresses and words, found by their addresses."""

    covers: ClassVar[Mapping[str, Sequence[str]]] = {
        "update_recipient": ("email",),
        "update_reply": ("text", "email"),
    }

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        rows: dict[str, list[dict[str, Any]]] = {}
        for model in (UpdateRecipient, UpdateReply):
            query = (
                select(*model.__table__.columns)
                .where(model.workspace_id == session.info["workspace_id"], model.email.in_(subject.emails))
                .order_by(model.id)
            )
            rows[model.__tablename__] = [{**row} for row in (await session.execute(query)).mappings()]
        return rows

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        touched: dict[str, int] = {}
        for model in (UpdateRecipient, UpdateReply):
            mine = model.workspace_id == work.principal.workspace, model.email.in_(subject.emails)
            gone = (await work.session.execute(delete(model).where(*mine).returning(model.id))).scalars().all()
            await work.events.append_all(
                [
                    work.events.new(
                        f"{model.__tablename__}.erased", subject_type=model.__tablename__, subject_id=each, version=2
                    )
                    for each in gone
                ]
            )
            touched[model.__tablename__] = len(gone)
        return touched
