"""The only SQL about outcomes."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, exists, or_, select, update

from services.chassis.repository import Repository
from services.metrics.models import KpiInput, Outcome, OutcomeEvaluation, Rollup

PAUSE = timedelta(hours=1)


class OutcomeRepository(Repository[Outcome]):
    model: ClassVar[Any] = Outcome

    def search(
        self, *, feature_id: UUID | None, kpi_id: UUID | None, state: str | None, verdict: str | None
    ) -> Select[Outcome]:
        wanted = {"feature_id": feature_id, "kpi_id": kpi_id, "state": state, "verdict": verdict}
        return self.rows().where(
            *(getattr(Outcome, name) == value for name, value in wanted.items() if value is not None)
        )

    async def kpis_judged_for(self, feature_id: UUID) -> set[UUID]:
        """The KPIs for which the feature has an outcome."""
        query = select(Outcome.kpi_id).where(
            Outcome.workspace_id == self.workspace_id, Outcome.feature_id == feature_id
        )
        return set((await self.session.scalars(query)).all())

    async def overlapping(self, outcome: Outcome) -> Sequence[UUID]:
        """Other features that aim at the same KPI and shipped so close that their effects mix."""
        length = outcome.window_ends_at - outcome.shipped_at
        query = select(Outcome.feature_id).where(
            Outcome.workspace_id == self.workspace_id,
            Outcome.kpi_id == outcome.kpi_id,
            Outcome.feature_id != outcome.feature_id,
            Outcome.shipped_at > outcome.shipped_at - length,
            Outcome.shipped_at < outcome.window_ends_at,
        )
        return (await self.session.scalars(query.order_by(Outcome.shipped_at).limit(20))).all()

    async def due(self, now: datetime, *, limit: int = 100) -> Sequence[UUID]:
        """Outcomes worth a look: never looked at, over since the last look, or with new data since."""
        inputs = select(KpiInput.input_kpi_id).where(
            KpiInput.workspace_id == Outcome.workspace_id, KpiInput.kpi_id == Outcome.kpi_id
        )
        news = exists().where(
            Rollup.workspace_id == Outcome.workspace_id,
            or_(Rollup.kpi_id == Outcome.kpi_id, Rollup.kpi_id.in_(inputs)),
            Rollup.starts_at >= Outcome.shipped_at,
            Rollup.changed_at > Outcome.looked_at,
        )
        is_over = (Outcome.window_ends_at <= now) & (Outcome.looked_at < Outcome.window_ends_at)
        query = select(Outcome.id).where(
            Outcome.workspace_id == self.workspace_id,
            Outcome.state != "final",
            or_(Outcome.looked_at.is_(None), is_over, (Outcome.looked_at < now - PAUSE) & news),
        )
        return (await self.session.scalars(query.order_by(Outcome.id).limit(limit))).all()

    async def note_look(self, outcome_id: UUID, now: datetime) -> None:
        """That there was a look is no change to the outcome: its version stays."""
        mine = Outcome.workspace_id == self.workspace_id, Outcome.id == outcome_id
        await self.session.execute(update(Outcome).where(*mine).values(looked_at=now))

    async def touching(self, ids: Collection[UUID], *, limit: int) -> Sequence[Outcome]:
        """Outcomes that are, belong to a feature, or rest on a KPI among these ids."""
        query = self.rows().where(or_(Outcome.id.in_(ids), Outcome.feature_id.in_(ids), Outcome.kpi_id.in_(ids)))
        return await self.all(query.order_by(Outcome.id).limit(limit))


class EvaluationRepository(Repository[OutcomeEvaluation]):
    model: ClassVar[Any] = OutcomeEvaluation

    def of(self, outcome_id: UUID) -> Select[OutcomeEvaluation]:
        return self.rows().where(OutcomeEvaluation.outcome_id == outcome_id)
