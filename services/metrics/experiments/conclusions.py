"""What an experiment's totals let conclude: per arm for its readout, and for the outcome of the feature it tries."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.domain import experiments as domain
from services.metrics.domain.experiments import Advice, Difference, Measure, Readout, Totals
from services.metrics.domain.impact import Aim, Direction, Interval, Verdict
from services.metrics.experiments.methods import level_of, method_of, told_by
from services.metrics.experiments.repository import ExperimentRepository, ReadingRepository
from services.metrics.experiments.schemas import ArmReadout, ExternalReadout
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
    level: float
    method: str


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
            found = read_out_arm(experiment, kpi, latest[0], treatments[0])
            if found.difference is not None and found.verdict is not Verdict.INCONCLUSIVE:
                negligible = _negligible(kpi, found.difference.control)
                told = level_of(latest[0]), method_of(latest[0])
                return Conclusion(experiment.id, found.verdict, found.difference, negligible, *told)
        return None


def judge_arm(
    experiment: Experiment,
    kpi: Kpi,
    reading: ExperimentReading,
    guards: Sequence[tuple[Kpi, ExperimentReading]],
    arm: str,
) -> ArmReadout:
    found = read_out_arm(experiment, kpi, reading, arm)
    broken = [each.id for each, guard in guards if _is_broken(experiment, each, guard, arm)]
    difference, balance = found.difference, found.balance
    is_repaired_first = found.advice is Advice.REPAIR_ASSIGNMENT
    return ArmReadout(
        arm=arm,
        verdict=found.verdict,
        advice=Advice.STOP_FOR_GUARDRAIL if broken and not is_repaired_first else found.advice,
        effect=difference.estimate if difference else None,
        effect_low=difference.interval.low if difference else None,
        effect_high=difference.interval.high if difference else None,
        relative_effect=difference.estimate / abs(difference.control) if difference and difference.control else None,
        variance_kept=difference.variance_kept if difference else None,
        covariate_difference=balance.difference if balance else None,
        covariate_p=balance.p if balance else None,
        broken_guardrail_kpi_ids=broken,
    )


def read_out_arm(experiment: Experiment, kpi: Kpi, reading: ExperimentReading, arm: str) -> Readout:
    if (told := told_by(reading)) is not None:
        return _told_elsewhere(experiment, kpi, told, arm)
    arms = arms_of(reading)
    control = arms[experiment.control]
    return domain.read_out(
        arms,
        experiment.shares,
        control=experiment.control,
        treatment=arm,
        measure=Measure(experiment.measure),
        aim=aim_of(kpi),
        planned_units=experiment.planned_units,
        negligible=_negligible(kpi, control.mean if control.units else 0.0),
    )


def _told_elsewhere(experiment: Experiment, kpi: Kpi, told: ExternalReadout, arm: str) -> Readout:
    """The interval is another tool's; whether the arms' counts fit their shares is looked at here all the same."""
    mismatch_p = domain.sample_ratio_p([told.units[name] for name in experiment.shares], [*experiment.shares.values()])
    if mismatch_p < domain.MISMATCH_BELOW:
        return Readout(Verdict.INCONCLUSIVE, Advice.REPAIR_ASSIGNMENT, None, mismatch_p, is_mismatch=True)
    found = _difference(told, arm)
    verdict, advice = domain.judge(found, aim_of(kpi), _negligible(kpi, told.control))
    return Readout(verdict, advice, found, mismatch_p, is_mismatch=False)


def _difference(told: ExternalReadout, arm: str) -> Difference:
    effect = told.effects[arm]
    return Difference(effect.effect, Interval(effect.effect_low, effect.effect_high), told.control, variance_kept=1.0)


def _is_broken(experiment: Experiment, kpi: Kpi, reading: ExperimentReading, arm: str) -> bool:
    """Guardrails are read as means, whatever the deciding KPI is."""
    if (told := told_by(reading)) is not None:
        return domain.breaks(_difference(told, arm), aim_of(kpi))
    arms = arms_of(reading)
    control, treatment = arms[experiment.control], arms[arm]
    if min(control.units, treatment.units) < domain.LEAST_PER_ARM:
        return False
    found = domain.compare(control, treatment, measure=Measure.MEAN, planned_units=experiment.planned_units)
    return domain.breaks(found, aim_of(kpi))


def aim_of(kpi: Kpi) -> Aim:
    band = None if kpi.limits is None else Interval(kpi.limits.low, kpi.limits.high)
    return Aim(Direction(kpi.direction), band)


def _negligible(kpi: Kpi, control: float) -> float:
    return NEGLIGIBLE_SHARE * abs(control) if kpi.negligible_change is None else kpi.negligible_change


def units_of(reading: ExperimentReading) -> dict[str, int]:
    """How many units each arm has."""
    if (told := told_by(reading)) is not None:
        return told.units
    return {name: totals.units for name, totals in arms_of(reading).items()}


def arms_of(reading: ExperimentReading) -> dict[str, Totals]:
    return {name: Totals(**totals) for name, totals in reading.arms.items()}
