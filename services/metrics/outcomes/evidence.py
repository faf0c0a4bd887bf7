"""Gathers what an outcome is judged by, and has it judged in a child: no transaction waits for the computing."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.clients.context import MetricsContext
from services.metrics.domain.counterfactual import Series, Vector
from services.metrics.domain.impact import Grade, Impact, Launch
from services.metrics.domain.rollups import Grain
from services.metrics.domain.windows import CADENCES, Prediction, Span, observed_span
from services.metrics.experiments.conclusions import Conclusion, ConclusionReader, aim_of
from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.repository import MeasurementRepository
from services.metrics.measurements.series import SeriesReader
from services.metrics.models import Kpi, Outcome
from services.metrics.outcomes.repository import OutcomeRepository

JUDGE = "services.metrics.domain.impact:judge"
LEAST_KNOWN = 0.8


@dataclass(frozen=True)
class Evidence:
    """What is known of an outcome at one moment."""

    outcome: Outcome
    kpi: Kpi
    span: Span | None
    launch: Launch
    control_kpi_ids: Sequence[UUID]
    overlapping_feature_ids: Sequence[UUID]
    conclusion: Conclusion | None


@dataclass(frozen=True)
class Look:
    """The evidence and what it shows."""

    evidence: Evidence
    impact: Impact
    is_final: bool


def prediction_of(outcome: Outcome) -> Prediction | None:
    low, likely, high = outcome.predicted_low, outcome.predicted_likely, outcome.predicted_high
    return None if low is None or likely is None or high is None else Prediction(low, likely, high)


async def look_at(context: MetricsContext, outcome_id: UUID, *, workspace_id: UUID) -> Look:
    """Read, then compute. Raises NotFound."""
    async with context.database.session(workspace_id=workspace_id, read_only=True) as session:
        evidence = await EvidenceReader(context, session).gather(outcome_id)
    impact: Impact = (
        concluded(evidence.conclusion)
        if evidence.conclusion is not None
        else await context.analyst.call(JUDGE, evidence.launch)
    )
    return Look(evidence, impact, is_final=evidence.launch.is_final)


def concluded(conclusion: Conclusion) -> Impact:
    """What chance assignment has shown needs no model of what would have been: the control shows it."""
    difference = conclusion.difference
    return Impact(
        verdict=conclusion.verdict,
        grade=Grade.EXPERIMENT,
        doubts=(),
        points_before=0,
        points_after=0,
        level=conclusion.level,
        actual=difference.control + difference.estimate,
        expected=difference.control,
        effect=difference.estimate,
        interval=difference.interval,
        negligible=conclusion.negligible,
    )


class EvidenceReader:
    """Reads series within one session."""

    def __init__(self, context: MetricsContext, session: AsyncSession) -> None:
        self.context = context
        self.outcomes = OutcomeRepository(session)
        self.kpis = KpiRepository(session)
        self.measurements = MeasurementRepository(session)
        self.series = SeriesReader(self.measurements)
        self.conclusions = ConclusionReader(session)

    async def gather(self, outcome_id: UUID) -> Evidence:
        outcome = await self.outcomes.get(outcome_id)
        kpi = await self.kpis.get(outcome.kpi_id)
        now = self.context.clock.now()
        first_seen, _ = await self.measurements.span(kpi.id)
        span: Span | None = None
        values, row = np.empty(0), 0
        controls: list[UUID] = []
        columns: list[Vector] = []
        if first_seen is not None:
            span = observed_span(
                outcome.shipped_at,
                ends_at=outcome.window_ends_at,
                now=now,
                first_seen=first_seen,
                grain=Grain(kpi.cadence),
                zone=ZoneInfo(kpi.time_zone),
            )
            values, row = await self._values(kpi, span, like=kpi)
            controls, columns = await self._controls(kpi, span)
        launch = Launch(
            series=Series.of(
                values,
                controls=np.stack(columns, axis=1) if columns else None,
                seasons=CADENCES[Grain(kpi.cadence)].seasons,
            ),
            row=row,
            aim=aim_of(kpi),
            negligible=_negligible(kpi, outcome),
            is_final=now >= outcome.window_ends_at,
        )
        return Evidence(
            outcome=outcome,
            kpi=kpi,
            span=span,
            launch=launch,
            control_kpi_ids=controls,
            overlapping_feature_ids=await self.outcomes.overlapping(outcome),
            conclusion=await self.conclusions.find(feature_id=outcome.feature_id, kpi=kpi),
        )

    async def _values(self, kpi: Kpi, span: Span, *, like: Kpi) -> tuple[Vector, int]:
        """The figures of whole periods, that of the launch itself unknown, and the row where the time after begins."""
        points = await self.series.points(
            kpi, grain=Grain(like.cadence), zone=ZoneInfo(like.time_zone), since=span.since, until=span.until
        )
        values = np.array(
            [np.nan if each.value is None or each.starts_at == span.launched else each.value for each in points]
        )
        return values, sum(each.starts_at < span.launched for each in points)

    async def _controls(self, kpi: Kpi, span: Span) -> tuple[list[UUID], list[Vector]]:
        """Controls that are known nearly always: a gap in a control costs the row."""
        found = await self.kpis.by_ids(UUID(each) for each in kpi.control_kpi_ids)
        kept: list[UUID] = []
        columns: list[Vector] = []
        for control_id in sorted(found):
            values, _ = await self._values(found[control_id], span, like=kpi)
            if len(values) and np.isfinite(values).mean() >= LEAST_KNOWN:
                kept.append(control_id)
                columns.append(values)
        return kept, columns


def _negligible(kpi: Kpi, outcome: Outcome) -> float | None:
    """What the KPI says, else half of what was promised."""
    if kpi.negligible_change is not None:
        return kpi.negligible_change
    prediction = prediction_of(outcome)
    return prediction.negligible if prediction else None
