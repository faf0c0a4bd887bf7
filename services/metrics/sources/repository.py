"""The only SQL about sources and files."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, delete, select, update

from services.chassis.repository import Repository
from services.metrics.models import MeasurementFile, MeasurementSource


class MeasurementSourceRepository(Repository[MeasurementSource]):
    model: ClassVar[Any] = MeasurementSource

    def search(self, *, kpi_id: UUID | None) -> Select[MeasurementSource]:
        query = self.rows()
        return query if kpi_id is None else query.where(MeasurementSource.kpi_id == kpi_id)

    async def is_named(self, name: str, *, other_than: UUID | None = None) -> bool:
        mine = MeasurementSource.workspace_id == self.workspace_id, MeasurementSource.name == name
        query = select(MeasurementSource.id).where(*mine)
        if other_than is not None:
            query = query.where(MeasurementSource.id != other_than)
        return await self.session.scalar(query.limit(1)) is not None

    async def due(self, now: datetime, *, limit: int = 50) -> Sequence[UUID]:
        """Sources whose time has come, the longest waiting first."""
        query = select(MeasurementSource.id).where(
            MeasurementSource.workspace_id == self.workspace_id,
            MeasurementSource.is_enabled,
            MeasurementSource.next_pull_at <= now,
        )
        return (await self.session.scalars(query.order_by(MeasurementSource.next_pull_at).limit(limit))).all()

    async def note_pull(self, source_id: UUID, **told: Any) -> None:
        """How a pull went is no change to the source: its version stays."""
        mine = MeasurementSource.workspace_id == self.workspace_id, MeasurementSource.id == source_id
        await self.session.execute(update(MeasurementSource).where(*mine).values(**told))


class MeasurementFileRepository(Repository[MeasurementFile]):
    model: ClassVar[Any] = MeasurementFile

    async def forget(self, file_id: UUID) -> None:
        mine = MeasurementFile.workspace_id == self.workspace_id, MeasurementFile.id == file_id
        await self.session.execute(delete(MeasurementFile).where(*mine))
