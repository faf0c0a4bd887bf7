"""Keeps edges so that they stay a tree: what is moved never moves what moves it."""

from collections import defaultdict
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists, FieldError, Invalid, UnknownReference
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.metrics.domain.dependencies import closes_a_cycle
from services.metrics.kpis.repository import KpiRepository
from services.metrics.models import Kpi, KpiEdge
from services.metrics.trees.repository import KpiEdgeRepository
from services.metrics.trees.schemas import KpiEdgeCreate, KpiEdgeRead, KpiEdgeUpdate, KpiTreeRead, TreeEdge, TreeNode

DEEPEST = 8
MOST_NODES = 200


class KpiTreeService:
    """The tree of one workspace's KPIs."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.edges = KpiEdgeRepository(work.session)
        self.kpis = KpiRepository(work.session)

    async def draw(self, new: KpiEdgeCreate) -> KpiEdge:
        """Raises UnknownReference, AlreadyExists, and Invalid for an edge that closes a cycle."""
        await self._require_kpis(new)
        await self.kpis.lock_definitions()
        if await self.edges.is_drawn(kpi_id=new.kpi_id, driver_kpi_id=new.driver_kpi_id):
            raise AlreadyExists(errors=[FieldError("/driver_kpi_id", "There is this edge already.", "taken")])
        below: dict[UUID, list[UUID]] = defaultdict(list)
        for kpi_id, driver_kpi_id in await self.edges.pairs():
            below[kpi_id].append(driver_kpi_id)
        if closes_a_cycle(new.kpi_id, [new.driver_kpi_id], below):
            raise Invalid(errors=[FieldError("/driver_kpi_id", "The KPI would move itself.", "cycle")])
        edge = await self.edges.add(KpiEdge(**new.fields()))
        await self._tell("kpi_edge.created", edge, version=edge.version)
        return edge

    async def get(self, edge_id: UUID) -> KpiEdge:
        return await self.edges.get(edge_id)

    async def search(self, page: PageQuery, *, kpi_id: UUID | None, driver_kpi_id: UUID | None) -> Page[KpiEdgeRead]:
        filters = {"kpi_id": kpi_id, "driver_kpi_id": driver_kpi_id}
        return await list_page(
            self.work,
            self.edges.search(kpi_id=kpi_id, driver_kpi_id=driver_kpi_id),
            page,
            model=KpiEdge,
            subject_type="kpi_edge",
            read=KpiEdgeRead.model_validate,
            filters=filters,
        )

    async def update(self, edge_id: UUID, change: KpiEdgeUpdate, *, if_match: Precondition) -> KpiEdge:
        """Raises PreconditionFailed."""
        edge = await self.edges.get(edge_id, lock=True)
        if_match.check(edge)
        for name, value in change.changes().items():
            setattr(edge, name, value)
        if self.work.session.is_modified(edge):
            await self.work.session.flush()
            await self._tell("kpi_edge.updated", edge, version=edge.version)
        return edge

    async def delete(self, edge_id: UUID, *, if_match: Precondition) -> None:
        edge = await self.edges.get(edge_id, lock=True)
        if_match.check(edge)
        await self.edges.remove(edge)
        await self._tell("kpi_edge.deleted", edge, version=edge.version + 1)

    async def tree(self, kpi_id: UUID) -> KpiTreeRead:
        """Level by level; a KPI on several branches is told once. Raises NotFound."""
        await self.kpis.get(kpi_id)
        depths, level, edges = {kpi_id: 0}, {kpi_id}, list[TreeEdge]()
        while level and max(depths.values()) < DEEPEST and len(depths) < MOST_NODES:
            found = await self._below(level)
            edges += found
            level = {each.driver_kpi_id for each in found} - depths.keys()
            depths |= dict.fromkeys(level, max(depths.values()) + 1)
        kpis = await self.kpis.by_ids(depths)
        return KpiTreeRead(
            kpi_id=kpi_id,
            nodes=[_node(kpis[each], depth) for each, depth in depths.items() if each in kpis],
            edges=edges,
            is_cut=bool(level),
        )

    async def _below(self, level: set[UUID]) -> list[TreeEdge]:
        declared = [
            TreeEdge(kpi_id=each.kpi_id, driver_kpi_id=each.driver_kpi_id, origin="declared", sign=each.sign)
            for each in await self.edges.below(level)
        ]
        calculated = [
            TreeEdge(kpi_id=above, driver_kpi_id=below, origin="calculation", sign=None)
            for above, below in await self.edges.inputs_below(level)
        ]
        return declared + calculated

    async def _require_kpis(self, new: KpiEdgeCreate) -> None:
        missing = await self.kpis.missing({new.kpi_id, new.driver_kpi_id})
        errors = [
            FieldError(f"/{name}", "There is no such KPI.", "unknown")
            for name in ("kpi_id", "driver_kpi_id")
            if getattr(new, name) in missing
        ]
        if errors:
            raise UnknownReference(errors=errors)

    async def _tell(self, event: str, edge: KpiEdge, *, version: int) -> None:
        facts = {"kpi_id": edge.kpi_id, "driver_kpi_id": edge.driver_kpi_id, "sign": edge.sign}
        await self.work.events.append(event, subject_type="kpi_edge", subject_id=edge.id, version=version, data=facts)


def _node(kpi: Kpi, depth: int) -> TreeNode:
    return TreeNode(kpi_id=kpi.id, name=kpi.name, unit=kpi.unit, direction=kpi.direction, depth=depth)
