"""The only SQL about requests counted by workspace and day."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ARRAY, Date, Integer, Uuid, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.limits.tally import RequestCount
from gateway.models import DailyRequests
from services.chassis.database import Database

_ADD = text("SELECT add_daily_requests(:workspaces, :days, :requests, :refused, :failed)").bindparams(
    bindparam("workspaces", type_=ARRAY(Uuid)),
    bindparam("days", type_=ARRAY(Date)),
    *(bindparam(name, type_=ARRAY(Integer)) for name in ("requests", "refused", "failed")),
)


class RequestCounts:
    """Adds what the edge has counted, of all workspaces at once, through a function that can do nothing else."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, counts: Sequence[RequestCount]) -> None:
        columns = {
            "workspaces": [each.workspace_id for each in counts],
            "days": [each.day for each in counts],
            "requests": [each.requests for each in counts],
            "refused": [each.refused for each in counts],
            "failed": [each.failed for each in counts],
        }
        async with self._database.transaction(workspace_id=None) as session:
            await session.execute(_ADD, columns)


class UsageRepository:
    """Reads the counts of the session's workspace."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def since(self, day: date) -> Sequence[DailyRequests]:
        """Days with requests, the newest first."""
        counts = DailyRequests
        mine = counts.workspace_id == self._session.info["workspace_id"]
        found = await self._session.scalars(select(counts).where(mine, counts.day >= day).order_by(counts.day.desc()))
        return found.all()
