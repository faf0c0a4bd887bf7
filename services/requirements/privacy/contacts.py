"""What is known of who somebody is."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.privacy.holdings import DataSubject
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.models import Contact, ContactAlias
from services.requirements.privacy.erasing import ERASED, changed, erase, rows_of


class Contacts:
    """Who they are, by all their names."""

    covers: ClassVar[Mapping[str, Sequence[str]]] = {
        "contact": ("name", "email", "external_id", "metadata"),
        "contact_alias": ("value",),
    }

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        mine = ContactAlias.workspace_id == session.info["workspace_id"], ContactAlias.contact_id.in_(subject.all_ids)
        aliases = await session.execute(
            select(*ContactAlias.__table__.columns).where(*mine).order_by(ContactAlias.value)
        )
        return {
            "contact": await rows_of(session, Contact, Contact.id.in_(subject.all_ids)),
            "contact_alias": [{**row} for row in aliases.mappings()],
        }

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        workspace_id = work.principal.workspace
        erased = (
            update(Contact)
            .where(Contact.workspace_id == workspace_id, Contact.id.in_(subject.all_ids))
            .values(name=None, email=None, external_id=None, source=ERASED, attributes={}, **changed(work, Contact))
        )
        gone = await work.session.execute(
            delete(ContactAlias).where(
                ContactAlias.workspace_id == workspace_id, ContactAlias.contact_id.in_(subject.all_ids)
            )
        )
        return {
            "contact": await erase(work, Contact, erased),
            "contact_alias": int(getattr(gone, "rowcount", 0)),
        }
