"""The SQL that finds promises with a last word."""

from collections.abc import Sequence
from typing import Any, ClassVar

from sqlalchemy import select

from services.chassis.repository import Repository
from services.metrics.models import Kpi, Outcome

MOST = 5_000


class KeptPromises(Repository[Outcome]):
    model: ClassVar[Any] = Outcome

    async def with_kpis(self) -> Sequence[tuple[Outcome, Kpi]]:
        """Final outcomes that have a promise and a measured effect, newest first."""
        query = (
            select(Outcome, Kpi)
            .join(Kpi, (Kpi.workspace_id == Outcome.workspace_id) & (Kpi.id == Outcome.kpi_id))
            .where(
                Outcome.workspace_id == self.workspace_id,
                Outcome.state == "final",
                Outcome.effect.is_not(None),
                Outcome.predicted_likely.is_not(None),
            )
        )
        rows = (await self.session.execute(query.order_by(Outcome.id.desc()).limit(MOST))).all()
        return [(row[0], row[1]) for row in rows]
