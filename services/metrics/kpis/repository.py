"""The only SQL about KPI definitions."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, Uuid, delete, exists, insert, literal, select, text

from services.chassis.repository import Repository
from services.metrics.kpis.calculations import COUNTED
from services.metrics.models import (
    Dashboard,
    Experiment,
    Kpi,
    KpiInput,
    KpiVersion,
    Measurement,
    MeasurementKey,
    MeasurementRevision,
    Outcome,
)

LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('kpi_definitions' || :workspace_id, 0))")


class KpiRepository(Repository[Kpi]):
    model: ClassVar[Any] = Kpi

    def search(self, *, tag: str | None, framework_tag: str | None, name: str | None) -> Select[Kpi]:
        """KPIs with a tag, or whose name holds a text."""
        query = self.rows()
        if framework_tag is not None:
            query = query.where(Kpi.framework_tags.contains([framework_tag]))
        if tag is not None:
            query = query.where(Kpi.tags.contains([tag]))
        if name is not None:
            query = query.where(Kpi.name.icontains(name, autoescape=True))
        return query

    async def is_named(self, name: str, *, other_than: UUID | None = None) -> bool:
        query = select(Kpi.id).where(Kpi.workspace_id == self.workspace_id, Kpi.name == name)
        if other_than is not None:
            query = query.where(Kpi.id != other_than)
        return await self.session.scalar(query.limit(1)) is not None

    async def missing(self, ids: Collection[UUID]) -> set[UUID]:
        """Which of these ids no KPI has."""
        found = await self.by_ids(ids)
        return set(ids) - found.keys()

    async def is_used(self, kpi_id: UUID) -> bool:
        """Whether an outcome, an experiment or a dashboard rests on the KPI, or another KPI does."""
        outcome = exists().where(Outcome.workspace_id == self.workspace_id, Outcome.kpi_id == kpi_id)
        control = exists().where(Kpi.workspace_id == self.workspace_id, Kpi.control_kpi_ids.contains([str(kpi_id)]))
        experiment = exists().where(Experiment.workspace_id == self.workspace_id, Experiment.kpi_id == kpi_id)
        part = exists().where(KpiInput.workspace_id == self.workspace_id, KpiInput.input_kpi_id == kpi_id)
        dashboard = exists().where(
            Dashboard.workspace_id == self.workspace_id, Dashboard.tiles.contains([{"kpi_id": str(kpi_id)}])
        )
        return bool(await self.session.scalar(select(outcome | control | experiment | part | dashboard)))

    async def accumulated_by(self, kpi_id: UUID) -> str | None:
        """The name of a KPI that tells this one to date."""
        query = select(Kpi.name).join(
            KpiInput, (KpiInput.workspace_id == Kpi.workspace_id) & (KpiInput.kpi_id == Kpi.id)
        )
        mine = Kpi.workspace_id == self.workspace_id, KpiInput.input_kpi_id == kpi_id, Kpi.kind == "cumulative"
        name: str | None = await self.session.scalar(query.where(*mine).order_by(Kpi.id).limit(1))
        return name

    async def held_for_intake(self, ids: Collection[UUID]) -> dict[UUID, Kpi]:
        """The KPIs, which can be neither removed nor added up anew until the transaction ends."""
        query = self.rows().where(Kpi.id.in_(ids)).order_by(Kpi.id).with_for_update(read=True, key_share=True)
        return {kpi.id: kpi for kpi in await self.all(query)}

    async def remove_measured(self, kpi_id: UUID) -> None:
        """What no foreign key takes along: a row of the big tables pays for none."""
        for model in (Measurement, MeasurementKey, MeasurementRevision):
            await self.session.execute(
                delete(model).where(model.workspace_id == self.workspace_id, model.kpi_id == kpi_id)
            )

    async def lock_definitions(self) -> None:
        """One at a time: two changes that are sound each by itself could close a cycle together."""
        await self.session.execute(LOCK, {"workspace_id": str(self.workspace_id)})

    async def inputs(self) -> Mapping[UUID, Sequence[UUID]]:
        """What each KPI is worked out from, for those that are."""
        rows = await self.session.execute(
            select(KpiInput.kpi_id, KpiInput.input_kpi_id).where(KpiInput.workspace_id == self.workspace_id)
        )
        below: dict[UUID, list[UUID]] = defaultdict(list)
        for kpi_id, input_kpi_id in rows:
            below[kpi_id].append(input_kpi_id)
        return below

    def measured_below(self, kpi_id: UUID) -> Select[Any]:
        """The ids of the KPIs that this one rests on in the end, itself included."""
        below = select(literal(kpi_id, Uuid).label("id")).cte("below", recursive=True)
        step = select(KpiInput.input_kpi_id).where(
            KpiInput.workspace_id == self.workspace_id, KpiInput.kpi_id == below.c.id
        )
        return select(below.union(step).c.id)

    async def with_all_below(self, kpi_ids: Collection[UUID]) -> dict[UUID, Kpi]:
        """These KPIs and all that they are worked out from, however far down."""
        mine = Kpi.workspace_id == self.workspace_id, Kpi.id.in_(kpi_ids)
        below = select(Kpi.id.label("id")).where(*mine).cte("below", recursive=True)
        step = select(KpiInput.input_kpi_id).where(
            KpiInput.workspace_id == self.workspace_id, KpiInput.kpi_id == below.c.id
        )
        query = self.rows().where(Kpi.id.in_(select(below.union(step).c.id)))
        return {kpi.id: kpi for kpi in await self.all(query)}

    async def declared_below(self, kpi_id: UUID) -> set[str]:
        """The dimensions that every KPI below this one declares that is counted itself; its own, if it is."""
        query = self.rows().where(Kpi.id.in_(self.measured_below(kpi_id)), Kpi.kind.in_(COUNTED))
        declared = [set(kpi.dimensions) for kpi in await self.all(query)]
        return set.intersection(*declared) if declared else set()

    async def set_inputs(self, kpi_id: UUID, inputs: Collection[UUID]) -> None:
        """Write down what the KPI is worked out from, in place of what it was before."""
        await self.session.execute(
            delete(KpiInput).where(KpiInput.workspace_id == self.workspace_id, KpiInput.kpi_id == kpi_id)
        )
        rows = [
            {"workspace_id": self.workspace_id, "kpi_id": kpi_id, "input_kpi_id": each} for each in sorted(set(inputs))
        ]
        if rows:
            await self.session.execute(insert(KpiInput), rows)


class KpiVersionRepository(Repository[KpiVersion]):
    model: ClassVar[Any] = KpiVersion

    def of(self, kpi_id: UUID) -> Select[KpiVersion]:
        """Every form of one definition."""
        return self.rows().where(KpiVersion.kpi_id == kpi_id)
