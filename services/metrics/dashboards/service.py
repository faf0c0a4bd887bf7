"""Keeps dashboards, so that every tile can be told."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists, FieldError, Invalid, UnknownReference
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.metrics.dashboards.repository import DashboardRepository
from services.metrics.dashboards.schemas import DashboardCreate, DashboardRead, DashboardState, DashboardUpdate, Tile
from services.metrics.dashboards.state import DashboardReader
from services.metrics.kpis.calculations import COUNTED, read_calculation
from services.metrics.kpis.repository import KpiRepository
from services.metrics.models import Dashboard, Kpi
from services.metrics.targets.repository import TargetRepository


class DashboardService:
    """The dashboards of one workspace."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.dashboards = DashboardRepository(work.session)
        self.kpis = KpiRepository(work.session)

    async def create(self, new: DashboardCreate) -> Dashboard:
        """Raises AlreadyExists, UnknownReference, Invalid."""
        await self._require_free(new.name)
        await self._require_sound(new.tiles)
        kept = [each.model_dump(mode="json") for each in new.tiles]
        dashboard = await self.dashboards.add(Dashboard(name=new.name, description=new.description, tiles=kept))
        await self._tell("dashboard.created", dashboard, version=dashboard.version)
        return dashboard

    async def get(self, dashboard_id: UUID) -> Dashboard:
        return await self.dashboards.get(dashboard_id)

    async def search(self, page: PageQuery, *, kpi_id: UUID | None) -> Page[DashboardRead]:
        return await list_page(
            self.work,
            self.dashboards.search(kpi_id=kpi_id),
            page,
            model=Dashboard,
            subject_type="dashboard",
            read=DashboardRead.model_validate,
            filters={"kpi_id": kpi_id},
        )

    async def update(self, dashboard_id: UUID, change: DashboardUpdate, *, if_match: Precondition) -> Dashboard:
        """Raises PreconditionFailed, AlreadyExists, UnknownReference, Invalid."""
        dashboard = await self.dashboards.get(dashboard_id, lock=True)
        if_match.check(dashboard)
        changes = change.changes()
        if "name" in changes:
            await self._require_free(change.name, other_than=dashboard_id)
        if "tiles" in changes:
            await self._require_sound(change.tiles)
            changes["tiles"] = [each.model_dump(mode="json") for each in change.tiles]
        for name, value in changes.items():
            setattr(dashboard, name, value)
        if self.work.session.is_modified(dashboard):
            await self.work.session.flush()
            await self._tell("dashboard.updated", dashboard, version=dashboard.version)
        return dashboard

    async def delete(self, dashboard_id: UUID, *, if_match: Precondition) -> None:
        """Raises PreconditionFailed."""
        dashboard = await self.dashboards.get(dashboard_id, lock=True)
        if_match.check(dashboard)
        await self.dashboards.remove(dashboard)
        await self._tell("dashboard.deleted", dashboard, version=dashboard.version + 1)

    async def state(self, dashboard_id: UUID) -> DashboardState:
        """Raises NotFound."""
        return await DashboardReader(self.work).read(await self.dashboards.get(dashboard_id))

    async def _require_free(self, name: str, *, other_than: UUID | None = None) -> None:
        if await self.dashboards.is_named(name, other_than=other_than):
            raise AlreadyExists(errors=[FieldError("/name", "Another dashboard has this name.", "taken")])

    async def _require_sound(self, tiles: Sequence[Tile]) -> None:
        """Its KPIs are held until the transaction ends, so that none is deleted meanwhile."""
        wanted = {each.kpi_id for each in tiles}
        held = await self.kpis.held_for_intake(wanted) if wanted else {}
        targets = await TargetRepository(self.work.session).by_ids({each.target_id for each in tiles if each.target_id})
        unknown = [
            FieldError(f"/tiles/{place}/{field}", "There is no such thing.", "unknown")
            for place, tile in enumerate(tiles)
            for field, is_known in (
                ("kpi_id", tile.kpi_id in held),
                ("target_id", tile.target_id is None or _belongs(targets.get(tile.target_id), tile.kpi_id)),
            )
            if not is_known
        ]
        if unknown:
            raise UnknownReference(errors=unknown)
        known = await self.kpis.with_all_below(wanted)
        if faults := [fault for place, tile in enumerate(tiles) for fault in _faults(place, tile, known)]:
            raise Invalid(errors=faults)

    async def _tell(self, kind: str, dashboard: Dashboard, *, version: int) -> None:
        facts = {"kpi_ids": [each["kpi_id"] for each in dashboard.tiles]}
        await self.work.events.append(
            kind, subject_type="dashboard", subject_id=dashboard.id, version=version, data=facts
        )


def _belongs(target: object, kpi_id: UUID) -> bool:
    return getattr(target, "kpi_id", None) == kpi_id


def _faults(place: int, tile: Tile, kpis: Mapping[UUID, Kpi]) -> Iterator[FieldError]:
    kpi = kpis[tile.kpi_id]
    declared = _declared(kpi, kpis)
    if undeclared := tile.filters.keys() - declared:
        detail = f"Not declared in the KPI's `dimensions`: {', '.join(sorted(undeclared))}."
        yield FieldError(f"/tiles/{place}/filters", detail, "undeclared")
    if tile.dimension is not None and tile.dimension not in declared:
        detail = f"Not declared in the KPI's `dimensions`: {tile.dimension}."
        yield FieldError(f"/tiles/{place}/dimension", detail, "undeclared")


def _declared(kpi: Kpi, kpis: Mapping[UUID, Kpi]) -> set[str]:
    """What every KPI below declares that is counted itself."""
    inputs = read_calculation(kpi.calculation).inputs.values()
    below = [_declared(kpis[each], kpis) for each in inputs]
    return set.intersection(*below) if below else set(kpi.dimensions) if kpi.kind in COUNTED else set()
