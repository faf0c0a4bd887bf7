"""By which values of a dimension a KPI is told apart."""

from collections import Counter

from services.metrics.kpis.calculations import Funnel, Retention, read_calculation
from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.journeys import JourneyReader
from services.metrics.measurements.parts import Part
from services.metrics.measurements.periods import Periods
from services.metrics.measurements.repository import MeasurementRepository
from services.metrics.models import Kpi


async def most_said(
    measurements: MeasurementRepository, kpi: Kpi, periods: Periods, dimension: str, part: Part, *, most: int
) -> list[str]:
    """The values that measurements, and the first events of journeys, said most; of all that it is worked out from.

    Raises Invalid for what no event of a journey ever said.
    """
    said = Counter(await measurements.values_of(kpi.id, periods, dimension=dimension, most=most))
    journeys = JourneyReader(measurements.session)
    for each in (await KpiRepository(measurements.session).with_all_below([kpi.id])).values():
        if isinstance(journey := read_calculation(each.calculation), Funnel | Retention):
            said.update(await journeys.most_said(journey, periods, dimension, part.said, most=most))
    return sorted(said, key=lambda value: (-said[value], value))[:most]
