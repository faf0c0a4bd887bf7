"""What every holding does alike: erase rows and tell of it, read rows out."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.unit_of_work import UnitOfWork

ERASED = "[erased]"


def changed(work: UnitOfWork, model: Any) -> dict[str, Any]:
    """The columns that any change of a row moves on."""
    return {"version": model.version + 1, "updated_at": work.clock.now()}


async def erase(work: UnitOfWork, model: Any, statement: Any, *, told_as: str = "erased") -> int:
    """Run the change, and tell those who keep copies."""
    rows = (await work.session.execute(statement.returning(model.id, model.version))).all()
    kind = model.__tablename__
    await work.events.append_all(
        [
            work.events.new(f"{kind}.{told_as}", subject_type=kind, subject_id=row.id, version=row.version)
            for row in rows
        ]
    )
    return len(rows)


async def rows_of(session: AsyncSession, model: Any, condition: Any) -> list[dict[str, Any]]:
    columns = [column for column in model.__table__.columns if column.name != "search"]
    query = select(*columns).where(model.workspace_id == session.info["workspace_id"], condition).order_by(model.id)
    return [{**row} for row in (await session.execute(query)).mappings()]
