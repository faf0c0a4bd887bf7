"""Routes under /v1/webhooks."""

from datetime import timedelta
from uuid import UUID

from gateway.events.webhooks.schemas import (
    SecretRotate,
    WebhookCreate,
    WebhookRead,
    WebhookUpdate,
    WebhookWithSecret,
    fields_of,
)
from gateway.events.webhooks.service import SUBJECT, WebhookService
from gateway.models import Webhook
from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.chassis.unit_of_work import Work

router = Router(prefix="/v1/webhooks", tags=["Webhooks"])

FOR_A_CHAT = {
    "url": "https://example.com/hooks/fullcircle",
    "description": "Tells the product channel",
    "event_types": ["feature.*", "outcome.*"],
}


@router.post(scope="admin:write", example=FOR_A_CHAT)
async def create_webhook(new: WebhookCreate, work: Work) -> Created[WebhookWithSecret]:
    """Make a webhook.

    From now on each event of these types is posted to the address, signed as
    [Standard Webhooks](https://www.standardwebhooks.com) has it; the answer shows the secret once. A message that is
    not answered with 2xx within 15 seconds is sent again after 5 seconds, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24
    hours. The same message may come twice: its `webhook-id` stays the same.
    """
    webhook, secret = await WebhookService(work).create(new)
    return created(WebhookWithSecret(**fields_of(webhook), secret=secret))


@router.get(scope="admin:read")
async def list_webhooks(work: Work, page: Paging) -> Page[WebhookRead]:
    """List the webhooks, newest first."""
    query = WebhookService(work).webhooks.rows()
    return await list_page(work, query, page, model=Webhook, subject_type=SUBJECT, read=WebhookRead.model_validate)


@router.get("/{webhook_id}", scope="admin:read")
async def get_webhook(webhook_id: UUID, work: Work) -> WebhookRead:
    """Read a webhook, and whether it works: see `failing_since` and `disabled_reason`."""
    return WebhookRead.model_validate(await WebhookService(work).webhooks.get(webhook_id))


@router.patch("/{webhook_id}", scope="admin:write", example={"event_types": ["*"], "is_enabled": True})
async def update_webhook(webhook_id: UUID, change: WebhookUpdate, work: Work, if_match: IfMatch) -> WebhookRead:
    """Change a webhook.

    `is_enabled: true` also brings back one that was disabled because its receiver failed. What it missed meanwhile is
    sent by a replay.
    """
    service = WebhookService(work)
    webhook = await service.webhooks.get(webhook_id, lock=True)
    if_match.check(webhook)
    return WebhookRead.model_validate(await service.update(webhook, change.changes()))


@router.delete("/{webhook_id}", scope="admin:write")
async def delete_webhook(webhook_id: UUID, work: Work, if_match: IfMatch) -> None:
    """Delete a webhook, with its deliveries."""
    service = WebhookService(work)
    webhook = await service.webhooks.get(webhook_id, lock=True)
    if_match.check(webhook)
    await service.remove(webhook)


@router.post("/{webhook_id}/secret/rotate", scope="admin:write", example={"overlap_hours": 24})
async def rotate_webhook_secret(webhook_id: UUID, rotation: SecretRotate, work: Work) -> WebhookWithSecret:
    """Replace a webhook's secret without a gap.

    For `overlap_hours` each message carries two signatures, of the new secret and of the old one: a receiver that knows
    either of them takes it. Libraries of Standard Webhooks do so by themselves.
    """
    webhook, secret = await WebhookService(work).rotate(webhook_id, overlap=timedelta(hours=rotation.overlap_hours))
    return WebhookWithSecret(**fields_of(webhook), secret=secret)
