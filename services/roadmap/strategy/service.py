"""Keeps objectives and the key results that say when they are reached."""

from collections.abc import Sequence
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import FieldError, Invalid, NotFound, StillReferenced
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.clients.metrics import LatestFigure
from services.roadmap.copies.service import CopyService
from services.roadmap.keeping.service import require_unnamed
from services.roadmap.models import KeyResult, Objective
from services.roadmap.models.base import columns, touch
from services.roadmap.strategy.facts import objective_facts
from services.roadmap.strategy.repository import KeyResultRepository, ObjectiveRepository
from services.roadmap.strategy.schemas import (
    KeyResultCreate,
    KeyResultUpdate,
    ObjectiveCreate,
    ObjectiveRead,
    ObjectiveStatus,
    ObjectiveUpdate,
)

PROGRESS = "progress"
"""The topic that asks for a look at the KPIs now."""


class ObjectiveService:
    """Objectives with their key results; a change to a key result is a change to what its objective shows."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.copies = CopyService(work)

    @property
    def objectives(self) -> ObjectiveRepository:
        return ObjectiveRepository(self.work.session)

    @property
    def key_results(self) -> KeyResultRepository:
        return KeyResultRepository(self.work.session)

    async def create(self, new: ObjectiveCreate) -> Objective:
        """Raises Invalid when a key result goes nowhere, UnknownReference when its KPI is unknown."""
        (objective,) = await self.create_all([new], pointer="/key_results/{key_result}")
        return objective

    async def create_all(self, new: Sequence[ObjectiveCreate], *, pointer: str) -> list[Objective]:
        """All of them, or none; `pointer` says where in the body a key result stands."""
        kpis = {}
        for number, wanted in enumerate(new):
            _require_period(wanted.starts_on, wanted.due_on)
            for position, result in enumerate(wanted.key_results):
                place = pointer.format(objective=number, key_result=position)
                _require_distance(result.start_value, result.target_value, pointer=f"{place}/target_value")
                kpis[f"{place}/kpi_id"] = result.kpi_id
        await self.copies.require(kpis=kpis)
        made = []
        for each in new:
            fields = columns(each.fields()) | {"key_results": [KeyResult(**one.fields()) for one in each.key_results]}
            objective = await self.objectives.add(Objective(**fields, status="active"))
            await self._tell("objective.created", objective)
            made.append(objective)
        return made

    async def get(self, objective_id: UUID) -> Objective:
        return await self.objectives.get(objective_id)

    async def search(self, page: PageQuery, *, status: ObjectiveStatus | None) -> Page[ObjectiveRead]:
        query = self.objectives.rows()
        if status is not None:
            query = query.where(Objective.status == status)
        return await list_page(
            self.work,
            query,
            page,
            model=Objective,
            subject_type="objective",
            read=ObjectiveRead.model_validate,
            filters={"status": status},
        )

    async def update(self, objective_id: UUID, change: ObjectiveUpdate, *, if_match: Precondition) -> Objective:
        objective = await self._locked(objective_id, if_match)
        for name, value in columns(change.changes()).items():
            setattr(objective, name, value)
        _require_period(objective.starts_on, objective.due_on)
        await self._tell("objective.updated", objective)
        return objective

    async def delete(self, objective_id: UUID, *, if_match: Precondition) -> None:
        """Raises StillReferenced while a feature serves it."""
        objective = await self._locked(objective_id, if_match)
        if await self.objectives.is_served(objective_id):
            raise StillReferenced("Features serve this objective: unlink them first, or set it to abandoned.")
        await require_unnamed(self.work, objective_id)
        await self.objectives.remove(objective)
        await self.work.events.append(
            "objective.deleted", subject_type="objective", subject_id=objective_id, version=objective.version + 1
        )

    async def add_key_result(self, objective_id: UUID, new: KeyResultCreate) -> KeyResult:
        _require_distance(new.start_value, new.target_value)
        await self.copies.require(kpis={"/kpi_id": new.kpi_id})
        objective = await self.objectives.get(objective_id, lock=True)
        key_result = KeyResult(**new.fields())
        objective.key_results.append(key_result)
        await self._tell_of_change(objective)
        return key_result

    async def get_key_result(self, objective_id: UUID, key_result_id: UUID) -> KeyResult:
        """Raises NotFound also when it belongs to another objective."""
        return _of_objective(await self.objectives.get(objective_id), key_result_id)

    async def update_key_result(
        self, objective_id: UUID, key_result_id: UUID, change: KeyResultUpdate, *, if_match: Precondition
    ) -> KeyResult:
        changes = change.changes()
        if "kpi_id" in changes:
            await self.copies.require(kpis={"/kpi_id": changes["kpi_id"]})
        objective = await self.objectives.get(objective_id, lock=True)
        key_result = _of_objective(objective, key_result_id)
        if_match.check(key_result)
        if changes.get("kpi_id", key_result.kpi_id) != key_result.kpi_id:
            changes |= {"current_value": None, "measured_at": None}
        for name, value in changes.items():
            setattr(key_result, name, value)
        _require_distance(key_result.start_value, key_result.target_value)
        await self._tell_of_change(objective)
        return key_result

    async def delete_key_result(self, objective_id: UUID, key_result_id: UUID, *, if_match: Precondition) -> None:
        objective = await self.objectives.get(objective_id, lock=True)
        key_result = _of_objective(objective, key_result_id)
        if_match.check(key_result)
        objective.key_results.remove(key_result)
        await self._tell_of_change(objective)

    async def take_in(self, kpi_id: UUID, latest: LatestFigure) -> None:
        """What metrics knows of the KPI now goes to every active key result that rests on it."""
        for objective_id in await self.key_results.objectives_of_kpi(kpi_id):
            objective = await self.objectives.get(objective_id, lock=True)
            moved = [each for each in objective.key_results if each.kpi_id == kpi_id and _is_news(each, latest)]
            for key_result in moved:
                key_result.current_value, key_result.measured_at = latest.value, latest.at
            if moved:
                await self._tell_of_change(objective)

    async def _locked(self, objective_id: UUID, if_match: Precondition) -> Objective:
        objective = await self.objectives.get(objective_id, lock=True)
        if_match.check(objective)
        return objective

    async def _tell_of_change(self, objective: Objective) -> None:
        touch(objective)
        await self._tell("objective.updated", objective)

    async def _tell(self, kind: str, objective: Objective) -> None:
        await self.work.session.flush()
        await self.work.events.append(
            kind,
            subject_type="objective",
            subject_id=objective.id,
            version=objective.version,
            data=objective_facts(objective),
        )


def _is_news(key_result: KeyResult, latest: LatestFigure) -> bool:
    return (key_result.current_value, key_result.measured_at) != (latest.value, latest.at)


def _of_objective(objective: Objective, key_result_id: UUID) -> KeyResult:
    for key_result in objective.key_results:
        if key_result.id == key_result_id:
            return key_result
    raise NotFound(f"The objective has no key result {key_result_id}.")


def _require_distance(start: float, target: float, *, pointer: str = "/target_value") -> None:
    if start == target:
        raise Invalid(errors=[FieldError(pointer, "The target must differ from the start.")])


def _require_period(starts_on: object, due_on: object) -> None:
    if starts_on is not None and due_on is not None and due_on < starts_on:  # type: ignore[operator]
        raise Invalid(errors=[FieldError("/due_on", "It cannot be due before it starts.")])
