"""Keeps alert rules, and the alerts that they raise: one at a time per rule, seen and over."""

from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.chassis.concurrency import Precondition
from services.chassis.errors import Conflict, FieldError, Invalid, UnknownReference
from services.chassis.unit_of_work import Work
from services.metrics.alerts.judging import Judge, Judgement
from services.metrics.alerts.repository import AlertRepository, AlertRuleRepository
from services.metrics.alerts.schemas import (
    AlertCondition,
    AlertRuleCreate,
    AlertRuleRead,
    AlertRuleUpdate,
    BandCondition,
    OffTrackCondition,
    QuietHours,
)
from services.metrics.domain.alerting import is_quiet
from services.metrics.kpis.repository import KpiRepository
from services.metrics.models import Alert, AlertRule, Kpi
from services.metrics.targets.repository import TargetRepository


class AlertOver(Conflict):
    code, title = "alert_resolved", "The alert is over"


class AlertService:
    """The alert rules and alerts of one workspace."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.rules = AlertRuleRepository(work.session)
        self.alerts = AlertRepository(work.session)
        self.kpis = KpiRepository(work.session)

    async def create(self, new: AlertRuleCreate) -> AlertRule:
        """Raises UnknownReference, Invalid."""
        kpi = await self.kpis.find(new.kpi_id)
        if kpi is None:
            raise UnknownReference(errors=[FieldError("/kpi_id", "There is no such KPI.", "unknown")])
        await self._check(new.condition, kpi, periods=new.periods)
        rule = await self.rules.add(
            AlertRule(
                kpi_id=kpi.id,
                name=new.name,
                condition=new.condition.model_dump(mode="json"),
                periods=new.periods,
                is_enabled=new.is_enabled,
                **_quiet_columns(new.quiet_hours),
            )
        )
        await self._tell_of_rule("alert_rule.created", rule, version=rule.version)
        return rule

    async def update(self, rule_id: UUID, change: AlertRuleUpdate, *, if_match: Precondition) -> AlertRule:
        """Raises Invalid."""
        rule = await self.rules.get(rule_id, lock=True)
        if_match.check(rule)
        changes = change.changes()
        if "quiet_hours" in changes:
            changes |= _quiet_columns(changes.pop("quiet_hours"))
        if "condition" in changes:
            changes["condition"] = change.condition.model_dump(mode="json")
        for name, value in changes.items():
            setattr(rule, name, value)
        if {"condition", "periods"} & changes.keys():
            condition = read_rule(rule).condition
            await self._check(condition, await self.kpis.get(rule.kpi_id), periods=rule.periods)
        if self.work.session.is_modified(rule):
            rule.looked_at = None
            await self.work.session.flush()
            await self._tell_of_rule("alert_rule.updated", rule, version=rule.version)
        return rule

    async def delete(self, rule_id: UUID, *, if_match: Precondition) -> None:
        rule = await self.rules.get(rule_id, lock=True)
        if_match.check(rule)
        await self.rules.remove(rule)
        await self._tell_of_rule("alert_rule.deleted", rule, version=rule.version + 1)

    async def test(self, rule_id: UUID) -> Alert:
        """An alert as the rule would raise it, marked as a test; it is over at the next look."""
        rule = await self.rules.get(rule_id, lock=True)
        seen = await Judge(self.work).judge(rule)
        return await self._raise(rule, seen, is_test=True)

    async def acknowledge(self, alert_id: UUID) -> Alert:
        """Say that somebody has it in hand; who did so first stays. Raises AlertOver."""
        alert = await self.alerts.get(alert_id, lock=True)
        if alert.state == "resolved":
            raise AlertOver("There is nothing left to take in hand.")
        if alert.state == "open":
            alert.state, alert.acknowledged_by = "acknowledged", self.work.principal.id
            alert.acknowledged_at = self.work.clock.now()
            await self._tell("alert.acknowledged", alert)
        return alert

    async def take_in(self, seen: Judgement) -> None:
        """After a look: raise what is new, end what is over. What a changed rule would say is left to the next look."""
        rule = await self.rules.get(seen.rule_id, lock=True)
        if rule.version != seen.rule_version:
            return
        now = self.work.clock.now()
        unresolved = await self.alerts.unresolved(rule.id)
        for alert in unresolved:
            if alert.is_test or not seen.holds:
                alert.state, alert.resolved_at = "resolved", now
                await self._tell("alert.resolved", alert)
        is_known = any(not alert.is_test for alert in unresolved) or await self._was_told(seen)
        if seen.holds and not is_known:
            if _is_quiet(rule, now, ZoneInfo(seen.time_zone)):
                return  # looked at again after the quiet hours: if it still holds then, somebody is called
            await self._raise(rule, seen, is_test=False)
        await self.rules.note_look(rule.id, now)

    async def _was_told(self, seen: Judgement) -> bool:
        """The same run of the same periods is one alert, also when late data ended and restored it."""
        latest = await self.alerts.latest(seen.rule_id)
        return latest is not None and seen.period_starts_at == latest.period_starts_at is not None

    async def _raise(self, rule: AlertRule, seen: Judgement, *, is_test: bool) -> Alert:
        alert = await self.alerts.add(
            Alert(
                alert_rule_id=rule.id,
                kpi_id=rule.kpi_id,
                kpi_version=seen.kpi_version,
                state="open",
                is_test=is_test,
                period_starts_at=seen.period_starts_at,
                value=seen.value,
                facts=seen.facts or {"condition": rule.condition},
            )
        )
        await self._tell("alert.raised", alert)
        return alert

    async def _check(self, condition: AlertCondition, kpi: Kpi, *, periods: int) -> None:
        if isinstance(condition, BandCondition) and kpi.band_low is None:
            raise Invalid(errors=[FieldError("/condition/type", "The KPI has no band.", "no_band")])
        if isinstance(condition, OffTrackCondition):
            target = await TargetRepository(self.work.session).find(condition.target_id)
            if target is None or target.kpi_id != kpi.id:
                raise UnknownReference(
                    errors=[FieldError("/condition/target_id", "The KPI has no such target.", "unknown")]
                )
            if periods != 1:
                raise Invalid(errors=[FieldError("/periods", "A target is off track at once: 1.", "periods")])

    async def _tell(self, kind: str, alert: Alert) -> None:
        await self.work.session.flush()
        facts = {
            "alert_rule_id": alert.alert_rule_id,
            "kpi_id": alert.kpi_id,
            "kpi_version": alert.kpi_version,
            "state": alert.state,
            "is_test": alert.is_test,
            "period_starts_at": alert.period_starts_at,
            "value": alert.value,
        }
        await self.work.events.append(
            kind, subject_type="alert", subject_id=alert.id, version=alert.version, data=facts
        )

    async def _tell_of_rule(self, kind: str, rule: AlertRule, *, version: int) -> None:
        facts = {"kpi_id": rule.kpi_id, "type": rule.condition["type"], "is_enabled": rule.is_enabled}
        await self.work.events.append(kind, subject_type="alert_rule", subject_id=rule.id, version=version, data=facts)


def read_rule(rule: AlertRule) -> AlertRuleRead:
    quiet = None
    if rule.quiet_from is not None and rule.quiet_until is not None:
        quiet = QuietHours(begins=f"{rule.quiet_from:%H:%M}", ends=f"{rule.quiet_until:%H:%M}")
    plain = {name: getattr(rule, name) for name in AlertRuleRead.model_fields if name != "quiet_hours"}
    return AlertRuleRead(quiet_hours=quiet, **plain)


def _quiet_columns(hours: QuietHours | None) -> dict[str, Any]:
    if hours is None:
        return {"quiet_from": None, "quiet_until": None}
    return {"quiet_from": time.fromisoformat(hours.begins), "quiet_until": time.fromisoformat(hours.ends)}


def _is_quiet(rule: AlertRule, now: datetime, zone: ZoneInfo) -> bool:
    return is_quiet(now.astimezone(zone).time(), begins=rule.quiet_from, ends=rule.quiet_until)
