"""What an experiment's totals let conclude: per arm for its readout, and for the outcome of the feature it tries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.domain import experiments as domain
from services.metrics.domain.experiments import Advice, Difference, Measure, Readout, Totals
from services.metrics.domain.impact import Aim, Direction, Interval, Verdict
from services.metrics.experiments.repository import ExperimentRepository, ReadingRepository
from services.metrics.experiments.schemas import ArmReadout
from services.metrics.models import Experiment, ExperimentReading, Kpi

NEGLIGIBLE_SHARE = 0.01
PER_UNIT = ("average", "ratio")


@dataclass(frozen=True)
class Conclusion:
    """What an experiment has concluded."""

    experiment_id: UUID
    verdict: Verdict
    difference: Difference
    negligible: float


class ConclusionReader:
    """Finds what experiments have concluded, within one session."""

    def __init__(self, session: AsyncSession) -> None:
        self.experiments = ExperimentRepository(session)
        self.readings = ReadingRepository(session)

    async def find(self, *, feature_id: UUID, kpi: Kpi) -> Conclusion | None:
        """The conclusion of the newest experiment with one treatment on this feature and KPI.

        Only for KPIs that are a mean or a ratio: what a unit changes by is then what the KPI changes by.
        """
        if kpi.aggregation not in PER_UNIT:
            return None
        for experiment in await self.experiments.trying(feature_id, kpi.id):
            treatments = [name for name in experiment.shares if name != experiment.control]
            latest = [each for each in await self.readings.latest(experiment.id) if each.kpi_id == kpi.id]
            if len(treatments) != 1 or not latest:
                continue
            arms = arms_of(latest[0])
            found = read_out_arm(experiment, kpi, arms, treatments[0])
            if found.difference is not None and found.verdict is not Verdict.INCONCLUSIVE:
                negligible = _negligible(kpi, arms[experiment.control])
                return Conclusion(experiment.id, found.verdict, found.difference, negligible)
        return None


def judge_arm(
    experiment: Experiment,
    kpi: Kpi,
    arms: Mapping[str, Totals],
    guards: Sequence[tuple[Kpi, Mapping[str, Totals]]],
    arm: str,
) -> ArmReadout:
    found = read_out_arm(experiment, kpi, arms, arm)
    broken = [each.id for each, totals in guards if _is_broken(experiment, each, totals, arm)]
    difference = found.difference
    return ArmReadout(
        arm=arm,
        verdict=found.verdict,
        advice=Advice.STOP_FOR_GUARDRAIL if broken and not found.is_mismatch else found.advice,
        effect=difference.estimate if difference else None,
        effect_low=difference.interval.low if difference else None,
        effect_high=difference.interval.high if difference else None,
        relative_effect=difference.estimate / abs(difference.control) if difference and difference.control else None,
        variance_kept=difference.variance_kept if difference else None,
        broken_guardrail_kpi_ids=broken,
    )


def read_out_arm(experiment: Experiment, kpi: Kpi, arms: Mapping[str, Totals], arm: str) -> Readout:
    return domain.read_out(
        arms,
        experiment.shares,
        control=experiment.control,
        treatment=arm,
        measure=Measure(experiment.measure),
        aim=aim_of(kpi),
        planned_units=experiment.planned_units,
        negligible=_negligible(kpi, arms[experiment.control]),
    )


def _is_broken(experiment: Experiment, kpi: Kpi, arms: Mapping[str, Totals], arm: str) -> bool:
    """Guardrails are read as means, whatever the deciding KPI is."""
    control, treatment = arms[experiment.control], arms[arm]
    if min(control.units, treatment.units) < domain.LEAST_PER_ARM:
        return False
    found = domain.compare(control, treatment, measure=Measure.MEAN, planned_units=experiment.planned_units)
    return domain.breaks(found, aim_of(kpi))


def aim_of(kpi: Kpi) -> Aim:
    band = None if kpi.band_low is None or kpi.band_high is None else Interval(kpi.band_low, kpi.band_high)
    return Aim(Direction(kpi.direction), band)


def _negligible(kpi: Kpi, control: Totals) -> float:
    if kpi.negligible_change is not None:
        return kpi.negligible_change
    return NEGLIGIBLE_SHARE * abs(control.mean) if control.units else 0.0


def arms_of(reading: ExperimentReading) -> dict[str, Totals]:
    return {name: Totals(**totals) for name, totals in reading.arms.items()}
