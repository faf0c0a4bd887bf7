"""HTTP for digest subscriptions, and the page behind the link by which a reader leaves."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from starlette.responses import HTMLResponse

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.identity import system_principal
from services.chassis.leaving import FORM, PAGE, LeavingToken
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.chassis.unit_of_work import UnitOfWork
from services.metrics.digest_subscriptions.links import LINKS
from services.metrics.digest_subscriptions.schemas import (
    DigestDeliveryRead,
    DigestSubscriptionCreate,
    DigestSubscriptionRead,
    DigestSubscriptionUpdate,
)
from services.metrics.digest_subscriptions.service import DigestSubscriptionService

MONDAYS = {
    "dashboard_id": "01983a7c-5a50-7c3e-9d2b-0c5d1f6a7b8e",
    "channel": "mail",
    "email": "growth@example.com",
    "weekday": "monday",
    "hour": 8,
    "time_zone": "Europe/Berlin",
}

router = Router(prefix="/v1/digest-subscriptions", tags=["Dashboards"])
leaving = Router(prefix=LINKS.path, tags=["Dashboards"])
Subscriptions = Annotated[DigestSubscriptionService, Depends(DigestSubscriptionService)]


@router.post(scope="metrics:write", example=MONDAYS)
async def create_digest_subscription(
    new: DigestSubscriptionCreate, subscriptions: Subscriptions
) -> Created[DigestSubscriptionRead]:
    """Get a dashboard's digest every week.

    By mail, with a link to leave by, or as the event `digest.made`, which webhooks carry on. It is made once for each
    week at the hour that you name, where you live; those who name the same time get the same digest.
    """
    return created(DigestSubscriptionRead.model_validate(await subscriptions.create(new)))


@router.get(scope="metrics:read")
async def list_digest_subscriptions(
    subscriptions: Subscriptions,
    page: Paging,
    *,
    dashboard_id: Annotated[UUID | None, Query(description="Only those to this dashboard's digest.")] = None,
) -> Page[DigestSubscriptionRead]:
    """List digest subscriptions, newest first."""
    return await subscriptions.search(page, dashboard_id=dashboard_id)


@router.get("/{digest_subscription_id}", scope="metrics:read")
async def get_digest_subscription(digest_subscription_id: UUID, subscriptions: Subscriptions) -> DigestSubscriptionRead:
    """Read a digest subscription."""
    return DigestSubscriptionRead.model_validate(await subscriptions.get(digest_subscription_id))


@router.patch("/{digest_subscription_id}", scope="metrics:write", example={"weekday": "friday", "hour": 16})
async def update_digest_subscription(
    digest_subscription_id: UUID,
    change: DigestSubscriptionUpdate,
    subscriptions: Subscriptions,
    if_match: IfMatch,
) -> DigestSubscriptionRead:
    """Change when a digest comes."""
    changed = await subscriptions.update(digest_subscription_id, change, if_match=if_match)
    return DigestSubscriptionRead.model_validate(changed)


@router.delete("/{digest_subscription_id}", scope="metrics:write")
async def delete_digest_subscription(
    digest_subscription_id: UUID, subscriptions: Subscriptions, if_match: IfMatch
) -> None:
    """End a digest subscription, and remove the address with its ledger."""
    await subscriptions.delete(digest_subscription_id, if_match=if_match)


@router.get("/{digest_subscription_id}/deliveries", scope="metrics:read")
async def list_digest_deliveries(
    digest_subscription_id: UUID, subscriptions: Subscriptions, page: Paging
) -> Page[DigestDeliveryRead]:
    """List the digests that the subscriber got or is to get, latest first, and whether they got there."""
    return await subscriptions.deliveries(digest_subscription_id, page)


@leaving.get(public=True, extra=PAGE, answers=(404,))
async def get_digest_unsubscribe_page(token: LeavingToken, request: Request) -> HTMLResponse:
    """Ask whether a reader wants no more digests.

    The page behind the link in each digest. It changes nothing by itself: mail programs open links on their own.
    """
    LINKS.opened(request.app.state.context, token)
    return LINKS.question(token)


@leaving.post(public=True, status=200, accepts=(FORM,), extra=PAGE, answers=(404,))
async def unsubscribe_digest(token: LeavingToken, request: Request) -> HTMLResponse:
    """End the subscription that a digest came by.

    From the page, or with one click from a mail program (RFC 8058). Doing it again does no harm.
    """
    context = request.app.state.context
    workspace_id, subscription_id = LINKS.opened(context, token)
    async with context.database.transaction(workspace_id=workspace_id) as session:
        work = UnitOfWork(context, system_principal(context.name, workspace_id=workspace_id), session=session)
        await DigestSubscriptionService(work).leave(subscription_id)
        await work.audit.write()
    return LINKS.farewell()
