"""The SQL that finds what stands around a KPI's line."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import select

from services.chassis.repository import Repository
from services.metrics.models import Kpi, Outcome, Target

MOST = 20


class ChartRepository(Repository[Kpi]):
    model: ClassVar[Any] = Kpi

    async def around(
        self, kpi_id: UUID, *, since: datetime, until: datetime
    ) -> tuple[Sequence[Target], Sequence[Outcome]]:
        """Targets worked towards within [since, until), and launches that were to move the KPI in it, latest first."""
        targets = select(Target).where(
            Target.workspace_id == self.workspace_id,
            Target.kpi_id == kpi_id,
            Target.starts_on < until.date(),
            Target.due_on >= since.date(),
        )
        launches = select(Outcome).where(
            Outcome.workspace_id == self.workspace_id,
            Outcome.kpi_id == kpi_id,
            Outcome.shipped_at >= since,
            Outcome.shipped_at < until,
        )
        return (
            (await self.session.scalars(targets.order_by(Target.due_on.desc()).limit(MOST))).all(),
            (await self.session.scalars(launches.order_by(Outcome.shipped_at.desc()).limit(MOST))).all(),
        )
