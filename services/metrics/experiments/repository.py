"""The only SQL about experiments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on

from services.chassis.repository import Repository
from services.metrics.models import Experiment, ExperimentReading


class ExperimentRepository(Repository[Experiment]):
    model: ClassVar[Any] = Experiment

    def search(self, *, kpi_id: UUID | None, feature_id: UUID | None) -> Select[Experiment]:
        wanted = {"kpi_id": kpi_id, "feature_id": feature_id}
        return self.rows().where(
            *(getattr(Experiment, name) == value for name, value in wanted.items() if value is not None)
        )

    async def trying(self, feature_id: UUID, kpi_id: UUID) -> Sequence[Experiment]:
        """Experiments that try a feature and are decided by a KPI, newest first."""
        query = self.search(kpi_id=kpi_id, feature_id=feature_id)
        return await self.all(query.order_by(Experiment.id.desc()))

    async def is_named(self, name: str) -> bool:
        query = select(Experiment.id).where(Experiment.workspace_id == self.workspace_id, Experiment.name == name)
        return await self.session.scalar(query.limit(1)) is not None


class ReadingRepository(Repository[ExperimentReading]):
    model: ClassVar[Any] = ExperimentReading

    def of(self, experiment_id: UUID) -> Select[ExperimentReading]:
        return self.rows().where(ExperimentReading.experiment_id == experiment_id)

    async def is_taken(self, experiment_id: UUID, kpi_id: UUID, as_of: datetime) -> bool:
        query = self.of(experiment_id).where(ExperimentReading.kpi_id == kpi_id, ExperimentReading.as_of == as_of)
        return bool(await self.all(query.limit(1)))

    async def latest(self, experiment_id: UUID) -> Sequence[ExperimentReading]:
        """The last reading of each KPI."""
        query = self.of(experiment_id).ext(distinct_on(ExperimentReading.kpi_id))
        return await self.all(query.order_by(ExperimentReading.kpi_id, ExperimentReading.as_of.desc()))
