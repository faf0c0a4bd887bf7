"""Keeps experiments and their readings, and says what they show."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists, FieldError, Invalid, UnknownReference
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.metrics.domain import experiments as domain
from services.metrics.domain.impact import Grade
from services.metrics.experiments.conclusions import arms_of, judge_arm
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

METHOD = (
    "Asymptotic confidence sequence (Waudby-Smith et al. 2024) of the difference to the control, valid at every look; "
    "means adjusted by the covariate (CUPED, Deng et al. 2013), ratios by the delta method (Deng et al. 2018)"
)


class ExperimentService:
    """The experiments of one workspace."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.experiments = ExperimentRepository(work.session)
        self.readings = ReadingRepository(work.session)
        self.kpis = KpiRepository(work.session)

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
        if set(new.arms) != set(experiment.shares):
            raise Invalid(errors=[FieldError("/arms", f"Name each arm: {', '.join(experiment.shares)}.")])
        if str(new.kpi_id) not in {str(experiment.kpi_id), *experiment.guardrail_kpi_ids}:
            raise Invalid(errors=[FieldError("/kpi_id", "The experiment does not look at this KPI.")])
        if await self.readings.is_taken(experiment_id, new.kpi_id, new.as_of):
            raise AlreadyExists("There is a reading of this KPI for this moment.")
        reading = await self.readings.add(
            ExperimentReading(
                experiment_id=experiment_id,
                kpi_id=new.kpi_id,
                as_of=new.as_of,
                arms={name: totals.model_dump() for name, totals in new.arms.items()},
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
        guards = [(kpis[each], arms_of(reading)) for each, reading in latest.items() if each in kpis]
        kpi, arms = kpis[experiment.kpi_id], arms_of(decisive) if decisive else {}
        counts = [arms[name].units for name in experiment.shares] if arms else []
        ratio_p = domain.sample_ratio_p(counts, list(experiment.shares.values())) if arms else None
        return ReadoutRead(
            experiment_id=experiment.id,
            kpi_id=kpi.id,
            kpi_version=kpi.version,
            evidence_grade=Grade.EXPERIMENT,
            as_of=decisive.as_of if decisive else None,
            units=sum(counts),
            planned_units=experiment.planned_units,
            sample_ratio_p=ratio_p,
            is_mismatch=ratio_p is not None and ratio_p < domain.MISMATCH_BELOW,
            level=1 - domain.ALPHA,
            arms=[
                judge_arm(experiment, kpi, arms, guards, arm)
                for arm in experiment.shares
                if arms and arm != experiment.control
            ],
            method=METHOD,
        )

    async def _tell(self, event: str, experiment: Experiment, *, version: int, data: Mapping[str, Any]) -> None:
        await self.work.events.append(
            event, subject_type="experiment", subject_id=experiment.id, version=version, data=data
        )
