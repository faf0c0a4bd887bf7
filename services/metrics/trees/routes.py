"""HTTP for the KPI tree."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.metrics.trees.schemas import KpiEdgeCreate, KpiEdgeRead, KpiEdgeUpdate, KpiTreeRead
from services.metrics.trees.service import KpiTreeService

SPEED_LOWERS_WAITING = {
    "kpi_id": "01983a7c-5a50-7c3e-9d2b-0c5d1f6a7b8e",
    "driver_kpi_id": "01983a7c-5a50-7c3e-9d2b-0c5d1f6a7b8f",
    "sign": "raises",
    "rationale": "Who is answered within an hour activates twice as often.",
}

router = Router(prefix="/v1/kpi-edges", tags=["KPI tree"])
tree_router = Router(prefix="/v1/kpis", tags=["KPI tree"])
Tree = Annotated[KpiTreeService, Depends(KpiTreeService)]


@router.post(scope="metrics:write", example=SPEED_LOWERS_WAITING, answers=(409,))
async def create_kpi_edge(new: KpiEdgeCreate, tree: Tree) -> Created[KpiEdgeRead]:
    """Say that one KPI moves another.

    More of the driver `raises` or `lowers` the KPI. Edges never lead in a circle. What a KPI is worked out from needs
    no edge: the tree shows it by itself.
    """
    return created(KpiEdgeRead.model_validate(await tree.draw(new)))


@router.get(scope="metrics:read")
async def list_kpi_edges(
    tree: Tree,
    page: Paging,
    *,
    kpi_id: Annotated[UUID | None, Query(description="Only edges to this KPI.")] = None,
    driver_kpi_id: Annotated[UUID | None, Query(description="Only edges from this driver.")] = None,
) -> Page[KpiEdgeRead]:
    """List the edges of the KPI tree, newest first."""
    return await tree.search(page, kpi_id=kpi_id, driver_kpi_id=driver_kpi_id)


@router.get("/{edge_id}", scope="metrics:read")
async def get_kpi_edge(edge_id: UUID, tree: Tree) -> KpiEdgeRead:
    """Read an edge of the KPI tree."""
    return KpiEdgeRead.model_validate(await tree.get(edge_id))


@router.patch("/{edge_id}", scope="metrics:write", example={"sign": "lowers"})
async def update_kpi_edge(edge_id: UUID, change: KpiEdgeUpdate, tree: Tree, if_match: IfMatch) -> KpiEdgeRead:
    """Change what is said of an edge."""
    return KpiEdgeRead.model_validate(await tree.update(edge_id, change, if_match=if_match))


@router.delete("/{edge_id}", scope="metrics:write")
async def delete_kpi_edge(edge_id: UUID, tree: Tree, if_match: IfMatch) -> None:
    """Remove an edge of the KPI tree."""
    await tree.delete(edge_id, if_match=if_match)


@tree_router.get("/{kpi_id}/tree", scope="metrics:read")
async def get_kpi_tree(kpi_id: UUID, tree: Tree) -> KpiTreeRead:
    """Read what lies below a KPI.

    Its drivers, theirs, and so on, with signs; also what each KPI is worked out from. A KPI on several branches is told
    once, and at most eight levels are.
    """
    return await tree.tree(kpi_id)
