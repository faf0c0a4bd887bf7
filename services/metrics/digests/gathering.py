"""Gathers what a digest tells, from what every other room tells by itself."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from services.chassis.unit_of_work import UnitOfWork
from services.metrics.alerts.schemas import AlertState
from services.metrics.dashboards.state import DashboardReader
from services.metrics.digests.repository import DigestRepository
from services.metrics.digests.schemas import DigestAlert, DigestContent, DigestTarget, DigestVerdict
from services.metrics.insights.schemas import InsightRead
from services.metrics.insights.service import InsightService
from services.metrics.kpis.repository import KpiRepository
from services.metrics.models import Dashboard, Kpi
from services.metrics.targets.service import TargetService

MOST_INSIGHTS = 5
LOOKED_THROUGH = 50


class Gathering:
    """Reads one dashboard's week within one session; takes its time, and changes nothing."""

    def __init__(self, work: UnitOfWork) -> None:
        self.work = work
        self.digests = DigestRepository(work.session)

    async def content(self, dashboard: Dashboard, *, since: datetime, until: datetime) -> DigestContent:
        state = await DashboardReader(self.work).read(dashboard)
        kpis = await KpiRepository(self.work.session).by_ids({each.kpi_id for each in state.tiles})
        return DigestContent(
            tiles=[each.model_copy(update={"points": []}) for each in state.tiles],
            targets=await self._targets(kpis),
            alerts=await self._alerts(kpis),
            insights=await self._insights(kpis),
            verdicts=await self._verdicts(kpis, since=since, until=until),
        )

    async def _targets(self, kpis: Mapping[UUID, Kpi]) -> list[DigestTarget]:
        service, told = TargetService(self.work), []
        for target in await self.digests.open_targets(kpis.keys(), self.work.clock.now().date()):
            judged = await service.attainment(target.id)
            told.append(
                DigestTarget(
                    target_id=target.id,
                    kpi_id=target.kpi_id,
                    name=target.name,
                    unit=kpis[target.kpi_id].unit,
                    value=target.value,
                    due_on=target.due_on,
                    status=judged.status,
                    current=judged.current,
                    progress=judged.progress,
                    probability=judged.probability,
                )
            )
        return told

    async def _alerts(self, kpis: Mapping[UUID, Kpi]) -> list[DigestAlert]:
        states: dict[str, AlertState] = {"open": "open", "acknowledged": "acknowledged"}
        return [
            DigestAlert(
                alert_id=alert.id,
                kpi_id=alert.kpi_id,
                kpi=kpis[alert.kpi_id].name,
                rule=rule,
                state=states[alert.state],
                value=alert.value,
                since=alert.created_at,
            )
            for alert, rule in await self.digests.unresolved_alerts(kpis.keys())
        ]

    async def _insights(self, kpis: Mapping[UUID, Kpi]) -> list[InsightRead]:
        """Those of the dashboard's KPIs, gravest first."""
        found = (await InsightService(self.work).read(limit=LOOKED_THROUGH)).insights if kpis else []
        return [each for each in found if each.kpi_id in kpis][:MOST_INSIGHTS]

    async def _verdicts(self, kpis: Mapping[UUID, Kpi], *, since: datetime, until: datetime) -> list[DigestVerdict]:
        return [
            DigestVerdict.model_validate(
                {
                    "outcome_id": each.id,
                    "kpi": kpis[each.kpi_id].name,
                    "unit": kpis[each.kpi_id].unit,
                    "is_final": each.state == "final",
                    **{name: getattr(each, name) for name in ("feature_id", "kpi_id", "verdict", "evidence_grade")},
                    **{name: getattr(each, name) for name in ("effect", "effect_low", "effect_high")},
                }
            )
            for each in await self.digests.verdicts(kpis.keys(), since=since, until=until)
        ]
