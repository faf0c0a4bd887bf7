"""Asks for a worker to look at a webhook: now, or when something is due."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.jobs import defer

DELIVER = "webhooks.deliver"


async def ask_for_delivery(
    session: AsyncSession, workspace_id: UUID, webhook_id: UUID, *, at: datetime | None = None
) -> None:
    """Whatever is due by then will be sent; one question per webhook and second is enough."""
    args = {"workspace_id": str(workspace_id), "webhook_id": str(webhook_id)}
    if at is None:
        await defer(session, DELIVER, args)
        return
    at = at.replace(microsecond=0) + timedelta(seconds=1)
    await defer(session, DELIVER, args, at=at, once=f"{DELIVER}:{webhook_id}:{at:%Y%m%dT%H%M%S}")
