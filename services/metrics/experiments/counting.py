"""Takes assignments in, and counts readings from them."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from services.chassis.bulk import Line
from services.chassis.errors import AlreadyExists, FieldError, Invalid, Problem
from services.chassis.unit_of_work import Work
from services.metrics.clients.context import MetricsContext
from services.metrics.domain.experiments import Measure, Totals
from services.metrics.domain.rollups import Aggregation
from services.metrics.experiments.assignments import Assigned, AssignmentRepository, figures_of
from services.metrics.experiments.repository import ExperimentRepository
from services.metrics.experiments.schemas import AssignmentCreate, AssignmentRead, CountedReading
from services.metrics.kpis.repository import KpiRepository
from services.metrics.measurements.retention import oldest_kept
from services.metrics.models import Experiment, Kpi


class AssignmentService:
    """The assignments of one workspace's experiments."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.context = cast("MetricsContext", work.context)
        self.experiments = ExperimentRepository(work.session)
        self.assignments = AssignmentRepository(work.session)

    async def assign(self, experiment_id: UUID, new: AssignmentCreate) -> AssignmentRead:
        """Raises Invalid for an arm that is not the experiment's, AlreadyExists for a unit that is in another."""
        experiment, unit = await self.experiments.get(experiment_id), self._prepared(new)
        fresh, held = await self._keep(experiment, [unit])
        if (problem := _line(1, unit, experiment, held, fresh).problem) is not None:
            raise problem
        return AssignmentRead(arm=held[unit.unit].arm, assigned_at=held[unit.unit].assigned_at)

    async def assign_all(
        self, experiment_id: UUID, lines: Iterable[tuple[int, AssignmentCreate | Problem]]
    ) -> list[Line]:
        """Each line on its own: 201 for a new unit, 200 for one that is in this arm already, or its problem."""
        parsed = list(lines)
        units = {number: self._prepared(new) for number, new in parsed if isinstance(new, AssignmentCreate)}
        if not units:  # what cannot be read is told first, as everywhere
            return [Line(number, new.status, problem=new) for number, new in parsed if isinstance(new, Problem)]
        experiment = await self.experiments.get(experiment_id)
        fresh, held = await self._keep(experiment, units.values())
        told = []
        for number, new in parsed:
            if isinstance(new, Problem):
                told.append(Line(number, new.status, problem=new))
            else:
                told.append(_line(number, units[number], experiment, held, fresh))
        return told

    async def _keep(self, experiment: Experiment, units: Iterable[Assigned]) -> tuple[set[int], dict[int, Assigned]]:
        """Keep those of arms that there are; answers the new ones, and what is held of all."""
        known = [each for each in units if each.arm in experiment.shares]
        fresh = await self.assignments.take_in(experiment.id, known)
        return fresh, await self.assignments.held(experiment.id, [each.unit for each in known])

    def _prepared(self, new: AssignmentCreate) -> Assigned:
        unit = self.context.pseudonym(new.unit, self.work.principal.workspace)
        return Assigned(unit, new.arm, new.assigned_at)


def _line(number: int, new: Assigned, experiment: Experiment, held: dict[int, Assigned], fresh: set[int]) -> Line:
    problem: Problem | None = None
    if new.arm not in experiment.shares:
        problem = Invalid(errors=[FieldError("/arm", f"One of: {', '.join(experiment.shares)}.", "unknown")])
    elif held[new.unit].arm != new.arm:
        problem = AlreadyExists(errors=[FieldError("/unit", "It is in another arm; what was first holds.", "taken")])
    if problem is not None:
        return Line(number, problem.status, problem=problem)
    is_new = new.unit in fresh
    fresh.discard(new.unit)  # the same unit once more in this batch is known by then
    return Line(number, 201 if is_new else 200)


class ReadingCounter:
    """Counts what the arms add up to."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.kpis = KpiRepository(work.session)
        self.assignments = AssignmentRepository(work.session)

    async def count(
        self, experiment: Experiment, kpi_id: UUID, asked: CountedReading, *, as_of: datetime
    ) -> dict[str, dict[str, Any]]:
        """The totals of each arm. Raises Invalid for what cannot be counted unit by unit."""
        if as_of > self.work.clock.now():
            raise Invalid(errors=[FieldError("/as_of", "What has not happened cannot be counted.", "in_the_future")])
        kpi = await self.kpis.get(kpi_id)
        await self._require_kept(experiment, asked.covariate_days)
        totals = await self.assignments.totals(
            experiment, kpi, _figures(experiment, kpi), as_of=as_of, covariate_days=asked.covariate_days
        )
        return {arm: asdict(totals.get(arm, Totals(0, 0.0, 0.0))) for arm in experiment.shares}

    async def _require_kept(self, experiment: Experiment, days: int) -> None:
        first = await self.assignments.first(experiment.id)
        oldest = oldest_kept(self.work.context.settings, self.work.clock.now())
        if first is not None and oldest is not None and first - timedelta(days=days) < oldest:
            detail = f"Single measurements are kept from {oldest:%Y-%m-%d} on; this would need earlier ones."
            raise Invalid(errors=[FieldError("/counted/covariate_days", detail, "not_kept")])


def _figures(experiment: Experiment, kpi: Kpi) -> tuple[str, str]:
    """Guardrails are read as means, whatever the deciding KPI is."""
    measure = Measure(experiment.measure) if kpi.id == experiment.kpi_id else Measure.MEAN
    found = figures_of(measure, Aggregation(kpi.aggregation)) if kpi.kind == "simple" else None
    if found is None:
        detail = (
            "Counted are proportions of any measured KPI, means of a sum or a count, and ratios of an average or a "
            "ratio; send this one's totals."
        )
        raise Invalid(errors=[FieldError("/kpi_id", detail, "not_counted")])
    return found
