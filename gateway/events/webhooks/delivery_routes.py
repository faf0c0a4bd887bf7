"""Routes about what a webhook was sent: test, list, look, replay."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from gateway.events.webhooks.schemas import (
    AttemptRead,
    DeliveryRead,
    DeliveryState,
    DeliveryWithAttempts,
    Replay,
    ReplayRead,
)
from gateway.events.webhooks.service import WebhookService
from gateway.models import WebhookDelivery
from services.chassis.answers import Created, created
from services.chassis.errors import FieldError, Invalid
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.chassis.unit_of_work import Work

router = Router(prefix="/v1/webhooks/{webhook_id}", tags=["Webhooks"])

LAST_NIGHT = {"since": "2026-01-31T18:00:00Z", "until": "2026-02-01T06:00:00Z", "deliveries": "undelivered"}


@router.post("/test", scope="admin:write")
async def test_webhook(webhook_id: UUID, work: Work) -> Created[DeliveryRead]:
    """Send a test event.

    An event of type `webhook.test` goes to this webhook alone, at once. The answer is its delivery: read it again to
    see what the receiver said.
    """
    delivery = await WebhookService(work).test(webhook_id)
    location = f"/v1/webhooks/{webhook_id}/deliveries/{delivery.id}"
    return created(DeliveryRead.model_validate(delivery), location=location)


@router.post("/replay", scope="admin:write", example=LAST_NIGHT)
async def replay_webhook(webhook_id: UUID, wanted: Replay, work: Work) -> ReplayRead:
    """Send again what a webhook missed.

    All events that came into the log in this stretch of time, that the webhook wants, and that were not delivered:
    because attempts failed, because it was disabled, or because it did not exist yet. At most 10,000 at once.
    """
    return ReplayRead(queued=await WebhookService(work).replay(webhook_id, wanted))


@router.get("/deliveries", scope="admin:read")
async def list_deliveries(
    webhook_id: UUID,
    work: Work,
    page: Paging,
    state: Annotated[DeliveryState | None, Query(description="Only deliveries in this state.")] = None,
) -> Page[DeliveryRead]:
    """List a webhook's deliveries, newest first; they are kept for 30 days.

    Deliveries are no part of the event log, so there is no `sync_token` here.
    """
    if page.sync_token is not None:
        raise Invalid(errors=[FieldError("query/sync_token", "Deliveries have no sync tokens.")])
    service = WebhookService(work)
    await service.webhooks.get(webhook_id)
    listed: Page[DeliveryRead] = await list_page(
        work,
        service.deliveries.of(webhook_id, state=state),
        page,
        model=WebhookDelivery,
        subject_type="webhook_delivery",
        read=DeliveryRead.model_validate,
        filters={"webhook_id": webhook_id, "state": state},
    )
    return listed.model_copy(update={"sync_token": None})


@router.get("/deliveries/{delivery_id}", scope="admin:read")
async def get_delivery(webhook_id: UUID, delivery_id: UUID, work: Work) -> DeliveryWithAttempts:
    """Read a delivery, with each attempt and what the receiver said."""
    service = WebhookService(work)
    delivery = await service.delivery(webhook_id, delivery_id)
    history = [AttemptRead.model_validate(attempt) for attempt in await service.deliveries.attempts(delivery_id)]
    return DeliveryWithAttempts(**DeliveryRead.model_validate(delivery).model_dump(), history=history)


@router.post("/deliveries/{delivery_id}/replay", scope="admin:write", answers=(410,))
async def replay_delivery(webhook_id: UUID, delivery_id: UUID, work: Work) -> DeliveryRead:
    """Send a delivery again, under the same `webhook-id`, whether it arrived before or not."""
    return DeliveryRead.model_validate(await WebhookService(work).replay_one(webhook_id, delivery_id))
