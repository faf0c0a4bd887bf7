"""Gathers findings of every kind and puts the gravest first."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import cast

import numpy as np

from services.chassis.unit_of_work import Work
from services.metrics.analysis.recent import Recent, RecentReader
from services.metrics.analysis.service import SEARCH, read_anomaly
from services.metrics.calibration.service import CalibrationService
from services.metrics.clients.context import MetricsContext
from services.metrics.domain.anomalies.search import Question
from services.metrics.domain.anomalies.told import Anomaly
from services.metrics.domain.attainment import Status
from services.metrics.domain.attention import anomaly_severity, promise_severity, silence_severity, target_severity
from services.metrics.insights.repository import Watched
from services.metrics.insights.schemas import Evidence, InsightRead, InsightsRead
from services.metrics.models import Kpi
from services.metrics.targets.service import TargetService

LOOKED_BACK = 14
REMEMBERED = timedelta(days=60)
LEAST_PROMISES = 3
LEAST_REALISED = 0.7
LEAST_SEVERITY = 0.05


class InsightService:
    """What deserves attention in one workspace."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.context = cast("MetricsContext", work.context)
        self.watched = Watched(work.session)
        self.recent = RecentReader(work.session)

    async def read(self, *, limit: int) -> InsightsRead:
        now = self.work.clock.now()
        kpis = {kpi.id: kpi for kpi in await self.watched.kpis()}
        pasts = [(kpi, await self.recent.read(kpi, now=now)) for kpi in kpis.values()]
        found = [
            *[each async for each in self._anomalies(pasts)],
            *[each async for each in self._targets(now)],
            *[each async for each in self._harm(now)],
            *[each async for each in self._promises(now)],
            *(insight for kpi, recent in pasts if (insight := _silence(kpi, recent)) is not None),
        ]
        grave = sorted((each for each in found if each.severity >= LEAST_SEVERITY), key=lambda each: -each.severity)
        return InsightsRead(as_of=now, kpis_looked_at=len(kpis), insights=grave[:limit])

    async def _anomalies(self, pasts: list[tuple[Kpi, Recent]]) -> AsyncIterator[InsightRead]:
        """The gravest of the last periods, per KPI."""
        seasons = {recent.season for _, recent in pasts}
        for season in seasons:
            those = [(kpi, recent) for kpi, recent in pasts if recent.season == season]
            question = Question([recent.values for _, recent in those], season=season)
            for (kpi, recent), anomalies in zip(those, await self.context.analyst.call(SEARCH, question), strict=True):
                told = [
                    _anomaly(kpi, recent, each) for each in anomalies if each.row >= len(recent.starts) - LOOKED_BACK
                ]
                if told:
                    yield max(told, key=lambda each: each.severity)

    async def _targets(self, now: datetime) -> AsyncIterator[InsightRead]:
        service = TargetService(self.work)
        for target in await self.watched.open_targets(now):
            judged = await service.attainment(target.id)
            if judged.status not in (Status.AT_RISK, Status.OFF_TRACK) or judged.probability is None:
                continue
            yield InsightRead(
                kind="target_at_risk",
                severity=target_severity(probability=judged.probability, pace=judged.pace),
                headline=f"{target.name}: {judged.probability:.0%} probable by {target.due_on}",
                kpi_id=target.kpi_id,
                facts={
                    "probability": judged.probability,
                    "progress": judged.progress,
                    "pace": judged.pace,
                    "expected": judged.expected,
                    "target": target.value,
                },
                evidence=[Evidence(type="target", id=target.id), Evidence(type="kpi", id=target.kpi_id)],
                seen_at=now,
            )

    async def _harm(self, now: datetime) -> AsyncIterator[InsightRead]:
        for outcome in await self.watched.harmful(now - REMEMBERED):
            yield InsightRead(
                kind="outcome_worse",
                severity=0.9 if outcome.state == "final" else 0.8,
                headline="A launch made this KPI worse",
                kpi_id=outcome.kpi_id,
                facts={
                    "feature_id": str(outcome.feature_id),
                    "effect": outcome.effect,
                    "effect_low": outcome.effect_low,
                    "effect_high": outcome.effect_high,
                    "evidence_grade": outcome.evidence_grade,
                },
                evidence=[Evidence(type="outcome", id=outcome.id), Evidence(type="kpi", id=outcome.kpi_id)],
                seen_at=outcome.measured_at or now,
            )

    async def _promises(self, now: datetime) -> AsyncIterator[InsightRead]:
        for group in (await CalibrationService(self.work).read("workspace")).groups:
            if group.count < LEAST_PROMISES or group.realised is None or group.realised >= LEAST_REALISED:
                continue
            yield InsightRead(
                kind="promises_too_high",
                severity=promise_severity(count=group.count, realised=group.realised),
                headline=f"Promises come true by {group.realised:.0%} on average",
                kpi_id=None,
                facts={"count": float(group.count), "realised": group.realised, "factor": group.factor},
                evidence=[Evidence(type="outcome", id=each) for each in group.outcome_ids[:10]],
                seen_at=now,
            )


def _anomaly(kpi: Kpi, recent: Recent, anomaly: Anomaly) -> InsightRead:
    told = read_anomaly(anomaly, kpi, recent)
    periods_ago = len(recent.starts) - 1 - recent.starts.index(told.starts_at)
    way = "above" if told.value > told.expected else "below"
    return InsightRead(
        kind="anomaly",
        severity=anomaly_severity(score=told.score, periods_ago=periods_ago, is_good=told.is_good),
        headline=f"{kpi.name}: {told.value:g} {kpi.unit}, {way} the expected {told.low:.4g} to {told.high:.4g}",
        kpi_id=kpi.id,
        facts={"kind": told.kind, "value": told.value, "expected": told.expected, "score": told.score},
        evidence=[Evidence(type="kpi", id=kpi.id)],
        seen_at=told.starts_at,
    )


def _silence(kpi: Kpi, recent: Recent) -> InsightRead | None:
    """A KPI that usually speaks and has not for long."""
    known = np.flatnonzero(np.isfinite(recent.values))
    if kpi.empty != "null" or len(known) < 4:
        return None
    silent = len(recent.values) - 1 - int(known[-1])
    severity = silence_severity(periods_silent=silent, usual_gap=float(np.median(np.diff(known))))
    if severity <= 0:
        return None
    return InsightRead(
        kind="kpi_silent",
        severity=severity,
        headline=f"{kpi.name}: nothing measured for {silent} periods",
        kpi_id=kpi.id,
        facts={"periods_silent": float(silent)},
        evidence=[Evidence(type="kpi", id=kpi.id)],
        seen_at=recent.starts[int(known[-1])],
    )
