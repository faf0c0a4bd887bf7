"""Keeps experiments and their readings, and says what they show."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists, FieldError, Invalid, UnknownReference
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.metrics.domain import experiments as domain
from services.metrics.domain.impact import Grade
from services.metrics.experiments.conclusions import judge_arm, units_of
from services.metrics.experiments.counting import ReadingCounter
from services.metrics.experiments.methods import formulas_of, level_of, method_of
from services.metrics.experiments.repository import ExperimentRepository, ReadingRepository
from services.metrics.experiments.schemas import (
    ExperimentCreate,
    ExperimentRead,
    ReadingCreate,
    ReadingRead,
    ReadoutRead,
)
from services.metrics.kpis.repository import KpiRepository
from services.metrics.models import Experiment, ExperimentReading


class ExperimentService:
    """The experiments of one workspace."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.experiments = ExperimentRepository(work.session)
        self.readings = ReadingRepository(work.session)
        self.kpis = KpiRepository(work.session)
        self.counter = ReadingCounter(work)

    async def create(self, new: ExperimentCreate) -> ExperimentRead:
        """Raises UnknownReference for a KPI, AlreadyExists for a name that is taken."""
        if await self.experiments.is_named(new.name):
            raise AlreadyExists(errors=[FieldError("/name", "Another experiment has this name.", "taken")])
        pointers = {new.kpi_id: "/kpi_id"} | {
            each: f"/guardrail_kpi_ids/{place}" for place, each in enumerate(new.guardrail_kpi_ids)
        }
        if missing := await self.kpis.missing(pointers):
            faults = [
                FieldError(pointers[each], "There is no such KPI.", "unknown") for each in pointers if each in missing
            ]
            raise UnknownReference(errors=faults)
        fields = new.fields() | {"guardrail_kpi_ids": [str(each) for each in new.guardrail_kpi_ids]}
        experiment = await self.experiments.add(Experiment(**fields))
        facts = {"kpi_id": experiment.kpi_id, "feature_id": experiment.feature_id, "arms": list(experiment.shares)}
        await self._tell("experiment.created", experiment, version=experiment.version, data=facts)
        return ExperimentRead.model_validate(experiment)

    async def get(self, experiment_id: UUID) -> ExperimentRead:
        return ExperimentRead.model_validate(await self.experiments.get(experiment_id))

    async def search(self, page: PageQuery, *, kpi_id: UUID | None, feature_id: UUID | None) -> Page[ExperimentRead]:
        filters = {"kpi_id": kpi_id, "feature_id": feature_id}
        return await list_page(
            self.work,
            self.experiments.search(**filters),
            page,
            model=Experiment,
            subject_type="experiment",
            read=ExperimentRead.model_validate,
            filters=filters,
        )

    async def delete(self, experiment_id: UUID, *, if_match: Precondition) -> None:
        """With its readings."""
        experiment = await self.experiments.get(experiment_id, lock=True)
        if_match.check(experiment)
        await self.experiments.remove(experiment)
        await self._tell("experiment.deleted", experiment, version=experiment.version + 1, data={})

    async def take_reading(self, experiment_id: UUID, new: ReadingCreate) -> ReadingRead:
        """Raises Invalid for arms or a KPI that are not the experiment's, AlreadyExists for a moment that was read."""
        experiment = await self.experiments.get(experiment_id, lock=True)
        _require_arms(experiment, new)
        if str(new.kpi_id) not in {str(experiment.kpi_id), *experiment.guardrail_kpi_ids}:
            raise Invalid(errors=[FieldError("/kpi_id", "The experiment does not look at this KPI.")])
        if await self.readings.is_taken(experiment_id, new.kpi_id, new.as_of):
            raise AlreadyExists("There is a reading of this KPI for this moment.")
        if new.counted is not None:
            arms = await self.counter.count(experiment, new.kpi_id, new.counted, as_of=new.as_of)
        else:
            arms = {name: totals.model_dump() for name, totals in (new.arms or {}).items()}
        reading = await self.readings.add(
            ExperimentReading(
                experiment_id=experiment_id,
                kpi_id=new.kpi_id,
                as_of=new.as_of,
                arms=arms,
                external=new.external.model_dump() if new.external else None,
                covariate_days=new.counted.covariate_days if new.counted else None,
                read_by=self.work.principal.id,
                read_at=self.work.clock.now(),
            )
        )
        facts = {"experiment_id": experiment_id, "kpi_id": new.kpi_id, "as_of": new.as_of}
        await self.work.events.append(
            "experiment_reading.created",
            subject_type="experiment_reading",
            subject_id=reading.id,
            version=1,
            data=facts,
        )
        return ReadingRead.model_validate(reading)

    async def reading(self, experiment_id: UUID, reading_id: UUID) -> ReadingRead:
        await self.experiments.get(experiment_id)
        return ReadingRead.model_validate(await self.readings.get(reading_id))

    async def history(self, experiment_id: UUID, page: PageQuery) -> Page[ReadingRead]:
        await self.experiments.get(experiment_id)
        return await list_page(
            self.work,
            self.readings.of(experiment_id),
            page,
            model=ExperimentReading,
            subject_type="experiment_reading",
            read=ReadingRead.model_validate,
            filters={"experiment_id": experiment_id},
        )

    async def read_out(self, experiment_id: UUID) -> ReadoutRead:
        """By the last reading of the deciding KPI and of each guardrail."""
        experiment = await self.experiments.get(experiment_id)
        latest = {reading.kpi_id: reading for reading in await self.readings.latest(experiment_id)}
        kpis = await self.kpis.by_ids({experiment.kpi_id, *latest})
        decisive = latest.pop(experiment.kpi_id, None)
        guards = [(kpis[each], reading) for each, reading in latest.items() if each in kpis]
        kpi = kpis[experiment.kpi_id]
        units = units_of(decisive) if decisive else {}
        shares = experiment.shares
        ratio_p = domain.sample_ratio_p([units[each] for each in shares], [*shares.values()]) if decisive else None
        return ReadoutRead(
            experiment_id=experiment.id,
            kpi_id=kpi.id,
            kpi_version=kpi.version,
            evidence_grade=Grade.EXPERIMENT,
            as_of=decisive.as_of if decisive else None,
            units=sum(units.values()),
            planned_units=experiment.planned_units,
            sample_ratio_p=ratio_p,
            is_mismatch=ratio_p is not None and ratio_p < domain.MISMATCH_BELOW,
            level=level_of(decisive),
            arms=[
                judge_arm(experiment, kpi, decisive, guards, arm)
                for arm in experiment.shares
                if decisive and arm != experiment.control
            ],
            method=method_of(decisive),
            formulas=formulas_of(experiment, decisive),
        )

    async def _tell(self, event: str, experiment: Experiment, *, version: int, data: Mapping[str, Any]) -> None:
        await self.work.events.append(
            event, subject_type="experiment", subject_id=experiment.id, version=version, data=data
        )


def _require_arms(experiment: Experiment, new: ReadingCreate) -> None:
    """Raises Invalid unless all arms are named, and no other."""
    arms, treatments = set(experiment.shares), set(experiment.shares) - {experiment.control}
    named: list[tuple[str, Collection[str] | None, set[str]]] = [("/arms", new.arms, arms)]
    if new.external is not None:
        named += [
            ("/external/units", new.external.units, arms),
            ("/external/effects", new.external.effects, treatments),
        ]
    faults = [
        FieldError(pointer, f"Name each arm: {', '.join(each for each in experiment.shares if each in wanted)}.")
        for pointer, given, wanted in named
        if given is not None and set(given) != wanted
    ]
    if faults:
        raise Invalid(errors=faults)
