"""Route /v1/usage."""

from datetime import timedelta
from typing import Annotated

from fastapi import Query, Request

from gateway.compositions.usage.repository import UsageRepository
from gateway.compositions.usage.schemas import DailyRequestsRead, UsageRead
from gateway.compositions.usage.service import UsageService
from services.chassis.context import ServiceContext
from services.chassis.routing import Router
from services.chassis.unit_of_work import Me, context_of

MAX_DAYS = 366


def usage_router(usage: UsageService) -> Router:
    """`GET /v1/usage`, composed by this service."""
    router = Router(prefix="/v1/usage", tags=["Workspace"])

    @router.get("", scope="admin:read", unit_of_work=False)
    async def get_usage(
        request: Request,
        me: Me,
        days: Annotated[int, Query(ge=1, le=MAX_DAYS, description="How many days of requests, today's first.")] = 30,
    ) -> UsageRead:
        """See what your workspace uses.

        Requests by day, and how many rows and bytes each service keeps for you, table by table. Tables beyond 10,000
        rows are estimated from the database's statistics, so that the answer costs the same whatever you keep.
        """
        context: ServiceContext = context_of(request)
        storage = await usage.storage(by=me)
        first = context.clock.now().date() - timedelta(days=days - 1)
        async with context.database.session(workspace_id=me.workspace, read_only=True) as session:
            counted = await UsageRepository(session).since(first)
        return UsageRead(
            requests=[DailyRequestsRead.model_validate(each) for each in counted],
            rows=sum(service.rows for service in storage.services),
            bytes=sum(service.bytes for service in storage.services),
            services=storage.services,
            unavailable=storage.unavailable,
        )

    return router
