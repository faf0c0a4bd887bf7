"""The SQL that finds what insights look at."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import select

from services.chassis.repository import Repository
from services.metrics.models import Kpi, Outcome, Target

MOST_KPIS = 100


class Watched(Repository[Kpi]):
    model: ClassVar[Any] = Kpi

    async def kpis(self) -> Sequence[Kpi]:
        """The KPIs that were touched last."""
        return await self.all(self.rows().order_by(Kpi.updated_at.desc(), Kpi.id).limit(MOST_KPIS))

    async def open_targets(self, today: datetime) -> Sequence[Target]:
        query = select(Target).where(
            Target.workspace_id == self.workspace_id,
            Target.starts_on <= today.date(),
            Target.due_on >= today.date(),
        )
        return (await self.session.scalars(query.order_by(Target.due_on).limit(MOST_KPIS))).all()

    async def harmful(self, since: datetime) -> Sequence[Outcome]:
        """Outcomes that made a KPI worse, found lately."""
        query = select(Outcome).where(
            Outcome.workspace_id == self.workspace_id, Outcome.verdict == "worse", Outcome.measured_at >= since
        )
        return (await self.session.scalars(query.order_by(Outcome.measured_at.desc()).limit(MOST_KPIS))).all()
