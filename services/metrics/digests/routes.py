"""HTTP for digests."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.chassis.answers import Accepted, accepted
from services.chassis.operations import OperationRead
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.metrics.digests.schemas import DigestRead
from services.metrics.digests.service import DigestService

router = Router(prefix="/v1/dashboards", tags=["Dashboards"])
Digests = Annotated[DigestService, Depends(DigestService)]


@router.post("/{dashboard_id}/digests", scope="metrics:write")
async def create_digest(dashboard_id: UUID, digests: Digests) -> Accepted[OperationRead]:
    """Make a digest now.

    It tells of the last seven days: how the dashboard's KPIs moved, how probable their targets are, alerts that are
    open, what deserves attention, and what was found about launches. The operation's result names it as `digest_id`;
    it does not change afterwards. To get one every week, make a digest subscription.
    """
    operation = await digests.start(dashboard_id)
    return accepted(operation, operation_id=operation.id)


@router.get("/{dashboard_id}/digests", scope="metrics:read")
async def list_digests(dashboard_id: UUID, digests: Digests, page: Paging) -> Page[DigestRead]:
    """List a dashboard's digests, newest first."""
    return await digests.search(dashboard_id, page)


@router.get("/{dashboard_id}/digests/{digest_id}", scope="metrics:read")
async def get_digest(dashboard_id: UUID, digest_id: UUID, digests: Digests) -> DigestRead:
    """Read a digest as it was made."""
    return await digests.get(dashboard_id, digest_id)
