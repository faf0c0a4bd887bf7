"""HTTP for alert rules and alerts."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.metrics.alerts.schemas import AlertRead, AlertRuleCreate, AlertRuleRead, AlertRuleUpdate, AlertState
from services.metrics.alerts.service import AlertService, read_rule
from services.metrics.models import Alert, AlertRule

FEWER_THAN_FORTY = {
    "kpi_id": "01983a7c-5a50-7c3e-9d2b-0c5d1f6a7b8e",
    "name": "Activation fell below forty",
    "condition": {"type": "fixed", "comparison": "below", "value": 40},
    "periods": 3,
    "quiet_hours": {"begins": "22:00", "ends": "07:00"},
}

rules = Router(prefix="/v1/alert-rules", tags=["Alerts"])
alerts = Router(prefix="/v1/alerts", tags=["Alerts"])
Alerts = Annotated[AlertService, Depends(AlertService)]


@rules.post(scope="metrics:write", example=FEWER_THAN_FORTY)
async def create_alert_rule(new: AlertRuleCreate, service: Alerts) -> Created[AlertRuleRead]:
    """Be called when a KPI needs somebody.

    A rule is looked at within a minute of new data, by whole periods of the KPI's cadence. While its condition holds
    there is one alert, and no second one; it is over when the condition is. Quiet hours put a call off until they end.
    To receive alerts, subscribe a webhook to `alert.*`, or follow the event log.
    """
    return created(read_rule(await service.create(new)))


@rules.get(scope="metrics:read")
async def list_alert_rules(
    service: Alerts,
    page: Paging,
    *,
    kpi_id: Annotated[UUID | None, Query(description="Only rules on this KPI.")] = None,
) -> Page[AlertRuleRead]:
    """List alert rules, newest first."""
    return await list_page(
        service.work,
        service.rules.matching(kpi_id=kpi_id),
        page,
        model=AlertRule,
        subject_type="alert_rule",
        read=read_rule,
        filters={"kpi_id": kpi_id},
    )


@rules.get("/{alert_rule_id}", scope="metrics:read")
async def get_alert_rule(alert_rule_id: UUID, service: Alerts) -> AlertRuleRead:
    """Read an alert rule."""
    return read_rule(await service.rules.get(alert_rule_id))


@rules.patch("/{alert_rule_id}", scope="metrics:write", example={"periods": 5})
async def update_alert_rule(
    alert_rule_id: UUID, change: AlertRuleUpdate, service: Alerts, if_match: IfMatch
) -> AlertRuleRead:
    """Change an alert rule; it is then looked at anew."""
    return read_rule(await service.update(alert_rule_id, change, if_match=if_match))


@rules.delete("/{alert_rule_id}", scope="metrics:write")
async def delete_alert_rule(alert_rule_id: UUID, service: Alerts, if_match: IfMatch) -> None:
    """Remove an alert rule, with its alerts."""
    await service.delete(alert_rule_id, if_match=if_match)


@rules.post("/{alert_rule_id}/test", scope="metrics:write")
async def test_alert_rule(alert_rule_id: UUID, service: Alerts) -> Created[AlertRead]:
    """Raise a test alert, so that you see what your receivers get.

    It is marked with `is_test`, carries today's figures, and is over at the next look.
    """
    alert = await service.test(alert_rule_id)
    return created(AlertRead.model_validate(alert), location=f"/v1/alerts/{alert.id}")


@alerts.get(scope="metrics:read")
async def list_alerts(
    service: Alerts,
    page: Paging,
    *,
    kpi_id: Annotated[UUID | None, Query(description="Only alerts of this KPI.")] = None,
    alert_rule_id: Annotated[UUID | None, Query(description="Only alerts of this rule.")] = None,
    state: Annotated[AlertState | None, Query(description="Only alerts in this state.")] = None,
) -> Page[AlertRead]:
    """List alerts, newest first."""
    return await list_page(
        service.work,
        service.alerts.matching(kpi_id=kpi_id, rule_id=alert_rule_id, state=state),
        page,
        model=Alert,
        subject_type="alert",
        read=AlertRead.model_validate,
        filters={"kpi_id": kpi_id, "alert_rule_id": alert_rule_id, "state": state},
    )


@alerts.get("/{alert_id}", scope="metrics:read")
async def get_alert(alert_id: UUID, service: Alerts) -> AlertRead:
    """Read an alert."""
    return AlertRead.model_validate(await service.alerts.get(alert_id))


@alerts.post("/{alert_id}/acknowledge", scope="metrics:write")
async def acknowledge_alert(alert_id: UUID, service: Alerts) -> AlertRead:
    """Say that you have an alert in hand.

    Who acknowledged first stays; an alert that is over is answered with 409.
    """
    return AlertRead.model_validate(await service.acknowledge(alert_id))
