"""A process's own side of an export or erasure, for one that carries them out and holds data itself."""

from typing import Any

from services.chassis.context import ServiceContext
from services.chassis.identity import Principal
from services.chassis.privacy.holdings import DataSubject, PersonalData, erase_all, export_all
from services.chassis.privacy.rewriting import rewrite
from services.chassis.unit_of_work import UnitOfWork


class LocalPersonalData:
    """What this process's own database holds of a person, each call in a transaction of its own."""

    def __init__(self, context: ServiceContext, personal: PersonalData) -> None:
        self._context = context
        self._personal = personal

    async def export(self, subject: DataSubject, *, by: Principal) -> dict[str, list[dict[str, Any]]]:
        """The person's rows, table by table, as plain values."""
        work = UnitOfWork(self._context, by, read_only=True)
        try:
            return await export_all(self._personal, work, subject)
        finally:
            await work.close()

    async def count(self, subject: DataSubject, *, by: Principal) -> dict[str, int]:
        """How many rows an erasure would touch: done, counted, and undone."""
        work = UnitOfWork(self._context, by)
        try:
            return await erase_all(self._personal, work, subject)
        finally:
            await work.session.rollback()
            await work.close()

    async def erase(self, subject: DataSubject, *, by: Principal) -> dict[str, int]:
        """Remove what is held of the person."""
        work = UnitOfWork(self._context, by)
        try:
            rows = await erase_all(self._personal, work, subject)
            await work.audit.write()
            await work.session.commit()
            return rows
        finally:
            await work.close()

    async def rewrite(self, *, by: Principal) -> list[str]:
        """Write the tables that can hold personal data anew."""
        del by
        await rewrite(self._context.settings.migration_url, self._personal.tables())
        return self._personal.tables()
