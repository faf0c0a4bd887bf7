"""The SQL that gathers what a digest tells, and that keeps digests."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from services.chassis.repository import Repository
from services.metrics.models import Alert, AlertRule, Digest, Outcome, Target

MOST = 50


class DigestRepository(Repository[Digest]):
    model: ClassVar[Any] = Digest

    def of(self, dashboard_id: UUID) -> Select[Digest]:
        return self.rows().where(Digest.dashboard_id == dashboard_id)

    async def add_once(self, values: dict[str, Any]) -> bool:
        """Whether it is new: a dashboard has one digest for each time that one was due."""
        row = {"workspace_id": self.workspace_id, **values}
        statement = insert(Digest).values(row).on_conflict_do_nothing().returning(Digest.id)
        return await self.session.scalar(statement) is not None

    async def due(self, dashboard_id: UUID, due_at: datetime) -> Digest | None:
        """The digest that was made because it was due then."""
        return (await self.session.scalars(self.of(dashboard_id).where(Digest.due_at == due_at))).one_or_none()

    async def open_targets(self, kpi_ids: Collection[UUID], today: date) -> Sequence[Target]:
        query = select(Target).where(
            Target.workspace_id == self.workspace_id,
            Target.kpi_id.in_(kpi_ids),
            Target.starts_on <= today,
            Target.due_on >= today,
        )
        return (await self.session.scalars(query.order_by(Target.due_on, Target.id).limit(MOST))).all()

    async def unresolved_alerts(self, kpi_ids: Collection[UUID]) -> Sequence[tuple[Alert, str]]:
        """Real alerts with the names of their rules, longest open first."""
        is_rule = (AlertRule.workspace_id == Alert.workspace_id) & (AlertRule.id == Alert.alert_rule_id)
        query = (
            select(Alert, AlertRule.name)
            .join(AlertRule, is_rule)
            .where(
                Alert.workspace_id == self.workspace_id,
                Alert.kpi_id.in_(kpi_ids),
                Alert.state != "resolved",
                ~Alert.is_test,
            )
        )
        rows = (await self.session.execute(query.order_by(Alert.id).limit(MOST))).all()
        return [(row[0], row[1]) for row in rows]

    async def verdicts(self, kpi_ids: Collection[UUID], *, since: datetime, until: datetime) -> Sequence[Outcome]:
        """Outcomes whose last verdict was found after `since` and not after `until`."""
        query = select(Outcome).where(
            Outcome.workspace_id == self.workspace_id,
            Outcome.kpi_id.in_(kpi_ids),
            Outcome.verdict.is_not(None),
            Outcome.measured_at > since,
            Outcome.measured_at <= until,
        )
        return (await self.session.scalars(query.order_by(Outcome.measured_at, Outcome.id).limit(MOST))).all()
