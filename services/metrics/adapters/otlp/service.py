"""Makes measurements of OpenTelemetry's data points, for the KPIs that count them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.events import signal_after_commit
from services.chassis.unit_of_work import Work
from services.metrics.adapters.otlp.messages import DataPoint, Shape
from services.metrics.adapters.otlp.repository import MetricKpis
from services.metrics.domain.rollups import SKETCHED, Aggregation
from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.intake import NewMeasurement, take_in
from services.metrics.measurements.sketching import TOPIC
from services.metrics.models import Kpi

# A running total added up would be counted again and again: of it only the last, or an end, says something.
COUNTABLE = {
    Shape.GAUGE: frozenset(Aggregation) - {Aggregation.RATIO, Aggregation.CALCULATED, Aggregation.DISTINCT},
    Shape.DELTA_SUM: frozenset({Aggregation.SUM, Aggregation.AVERAGE, Aggregation.MIN, Aggregation.MAX}),
    Shape.CUMULATIVE_SUM: frozenset({Aggregation.LAST, Aggregation.MIN, Aggregation.MAX}),
    Shape.DELTA_HISTOGRAM: frozenset({Aggregation.SUM, Aggregation.RATIO}),
    Shape.OTHER: frozenset[Aggregation](),
}


@dataclass(frozen=True)
class Taken:
    """How many data points no KPI counts, and why."""

    rejected: int
    reason: str


class OtlpService:
    """One workspace's OpenTelemetry metrics."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.kpis = KpiRepository(work.session)

    async def take(self, points: Sequence[DataPoint]) -> Taken:
        """Count each point once for each KPI whose source is its metric."""
        wanted = await MetricKpis(self.work.session).counting({point.metric for point in points})
        held = await self.kpis.held_for_intake([kpi.id for kpi in wanted]) if wanted else {}
        by_metric = defaultdict(list)
        for kpi in held.values():
            by_metric[kpi.calculation["source"]["metric"]].append(kpi)
        why: Counter[str] = Counter()
        new: list[NewMeasurement] = []
        for point in points:
            fitting = [kpi for kpi in by_metric[point.metric] if kpi.aggregation in COUNTABLE[point.shape]]
            new += [self._measurement(point, kpi) for kpi in fitting]
            if not fitting:
                why[_reason(point, by_metric[point.metric])] += 1
        if new:
            await take_in(self.work.session, new, kpis=held.values(), now=self.work.clock.now())
            if any(kpi.aggregation in SKETCHED for kpi in held.values()):
                signal_after_commit(self.work.session, TOPIC, self.work.context.signal)
        return Taken(why.total(), " ".join(list(why)[:5]))

    def _measurement(self, point: DataPoint, kpi: Kpi) -> NewMeasurement:
        said = {name: point.attributes[name] for name in kpi.dimensions if name in point.attributes}
        return NewMeasurement(
            id=self.work.ids(),
            kpi_id=kpi.id,
            dedupe_key=point.key,
            measured_at=point.at,
            value=point.value,
            weight=point.weight,
            dimensions=said,
        )


def _reason(point: DataPoint, kpis: Sequence[Kpi]) -> str:
    if not kpis:
        return f"No KPI has the metric {point.metric} as its source."
    fits = ", ".join(sorted(COUNTABLE[point.shape])) or "no aggregation"
    return f"{point.metric} is a {point.shape}: it fits {fits}."
