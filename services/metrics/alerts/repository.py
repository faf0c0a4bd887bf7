"""The only SQL about alert rules and alerts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, exists, or_, select, update

from services.chassis.repository import Repository
from services.metrics.models import Alert, AlertRule, Rollup

PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)


class AlertRuleRepository(Repository[AlertRule]):
    model: ClassVar[Any] = AlertRule

    def matching(self, *, kpi_id: UUID | None) -> Select[AlertRule]:
        return self.rows() if kpi_id is None else self.rows().where(AlertRule.kpi_id == kpi_id)

    async def due(self, now: datetime, *, limit: int = 500) -> Sequence[UUID]:
        """Rules worth a look: never looked at, with new data since, or not for an hour (periods end by themselves)."""
        news = exists().where(
            Rollup.workspace_id == AlertRule.workspace_id,
            Rollup.kpi_id == AlertRule.kpi_id,
            Rollup.changed_at > AlertRule.looked_at,
        )
        query = select(AlertRule.id).where(
            AlertRule.workspace_id == self.workspace_id,
            AlertRule.is_enabled,
            or_(
                AlertRule.looked_at.is_(None),
                AlertRule.looked_at < now - LONGEST_PAUSE,
                (AlertRule.looked_at < now - PAUSE) & news,
            ),
        )
        return (await self.session.scalars(query.order_by(AlertRule.looked_at.nulls_first()).limit(limit))).all()

    async def note_look(self, rule_id: UUID, now: datetime) -> None:
        """That there was a look is no change to the rule: its version stays."""
        mine = AlertRule.workspace_id == self.workspace_id, AlertRule.id == rule_id
        await self.session.execute(update(AlertRule).where(*mine).values(looked_at=now))


class AlertRepository(Repository[Alert]):
    model: ClassVar[Any] = Alert

    def matching(self, *, kpi_id: UUID | None, rule_id: UUID | None, state: str | None) -> Select[Alert]:
        wanted = {"kpi_id": kpi_id, "alert_rule_id": rule_id, "state": state}
        return self.rows().where(
            *(getattr(Alert, name) == value for name, value in wanted.items() if value is not None)
        )

    async def unresolved(self, rule_id: UUID) -> Sequence[Alert]:
        """The alerts of a rule that are not over, held until the transaction ends."""
        query = self.rows().where(Alert.alert_rule_id == rule_id, Alert.state != "resolved")
        return await self.all(query.order_by(Alert.id).with_for_update(of=Alert))

    async def latest(self, rule_id: UUID) -> Alert | None:
        """The last real alert of a rule, over or not."""
        query = self.rows().where(Alert.alert_rule_id == rule_id, ~Alert.is_test)
        return (await self.session.scalars(query.order_by(Alert.id.desc()).limit(1))).one_or_none()
