"""What the edge asks of each service when a person wants to see their data, or wants it gone."""

from typing import Any

from fastapi import Request
from pydantic import BaseModel

from services.chassis.context import ServiceContext
from services.chassis.identity import INTERNAL_SCOPE
from services.chassis.privacy.holdings import DataSubject, PersonalData, erase_all, export_all
from services.chassis.privacy.rewriting import rewrite
from services.chassis.routing import Router
from services.chassis.unit_of_work import Work


class ErasureCount(BaseModel):
    """Rows, table by table."""

    rows: dict[str, int]


class Exported(BaseModel):
    """The person's rows, table by table, as plain values."""

    tables: dict[str, list[dict[str, Any]]]


class Rewritten(BaseModel):
    """The tables that were written anew."""

    tables: list[str]


def privacy_router(personal: PersonalData) -> Router:
    """`/internal/personal-data/{export,count,erase,rewrite}` for the edge, with an internal token."""
    router = Router(prefix="/internal/personal-data", tags=["internal"])

    @router.post("/export", scope=INTERNAL_SCOPE, status=200, include_in_schema=False)
    async def export_personal_data(subject: DataSubject, work: Work) -> Exported:
        """Everything that is held of a person here."""
        return Exported(tables=await export_all(personal, work, subject))

    @router.post("/count", scope=INTERNAL_SCOPE, status=200, include_in_schema=False)
    async def count_personal_data(subject: DataSubject, work: Work) -> ErasureCount:
        """How many rows an erasure would touch: it is done, counted, and undone."""
        async with work.session.begin_nested() as attempt:
            rows = await erase_all(personal, work, subject)
            await attempt.rollback()
        work.audit.forget()
        return ErasureCount(rows=rows)

    @router.post("/erase", scope=INTERNAL_SCOPE, status=200, include_in_schema=False)
    async def erase_personal_data(subject: DataSubject, work: Work) -> ErasureCount:
        """Remove what is held of a person; doing it again does no harm."""
        return ErasureCount(rows=await erase_all(personal, work, subject))

    @router.post("/rewrite", scope=INTERNAL_SCOPE, status=200, unit_of_work=False, include_in_schema=False)
    async def rewrite_tables(request: Request) -> Rewritten:
        """Write the tables that can hold personal data anew, so that no byte of what was removed stays."""
        context: ServiceContext = request.app.state.context
        await rewrite(context.settings.migration_url, personal.tables())
        return Rewritten(tables=personal.tables())

    return router
