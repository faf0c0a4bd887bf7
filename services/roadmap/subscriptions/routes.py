"""HTTP for subscriptions."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.subscriptions.schemas import (
    NotificationRead,
    SubscriptionCreate,
    SubscriptionRead,
    SubscriptionUpdate,
)
from services.roadmap.subscriptions.service import SubscriptionService

TROUBLE = {"topics": ["declined", "at_risk"], "channel": "mail", "email": "planning@example.com"}

router = Router(prefix="/v1/subscriptions", tags=["Coordination"])
Subscriptions = Annotated[SubscriptionService, Depends(SubscriptionService)]


@router.post(scope="roadmap:write", example=TROUBLE)
async def create_subscription(new: SubscriptionCreate, subscriptions: Subscriptions) -> Created[SubscriptionRead]:
    """Be told of what is overdue, at risk or declined.

    Of commitments, hand-offs, work packages and milestones; narrow it to a team, a feature or a release. By mail, or as
    the event `notification.raised`, which webhooks carry on. Each occasion is told once: late is news once for each day
    that it was due on, a risk each time that it is flagged.
    """
    return created(await subscriptions.create(new))


@router.get(scope="roadmap:read")
async def list_subscriptions(
    subscriptions: Subscriptions,
    page: Paging,
    *,
    team_id: Annotated[UUID | None, Query(description="Only those narrowed to this team.")] = None,
    feature_id: Annotated[UUID | None, Query(description="Only those narrowed to this feature.")] = None,
    release_id: Annotated[UUID | None, Query(description="Only those narrowed to this release.")] = None,
) -> Page[SubscriptionRead]:
    """List subscriptions, newest first."""
    return await subscriptions.search(page, team_id=team_id, feature_id=feature_id, release_id=release_id)


@router.get("/{subscription_id}", scope="roadmap:read")
async def get_subscription(subscription_id: UUID, subscriptions: Subscriptions) -> SubscriptionRead:
    """Read a subscription."""
    return SubscriptionRead.model_validate(await subscriptions.get(subscription_id))


@router.patch("/{subscription_id}", scope="roadmap:write", example={"topics": ["overdue"]})
async def update_subscription(
    subscription_id: UUID, change: SubscriptionUpdate, subscriptions: Subscriptions, if_match: IfMatch
) -> SubscriptionRead:
    """Change what a subscriber is told of."""
    return SubscriptionRead.model_validate(await subscriptions.update(subscription_id, change, if_match=if_match))


@router.delete("/{subscription_id}", scope="roadmap:write")
async def delete_subscription(subscription_id: UUID, subscriptions: Subscriptions, if_match: IfMatch) -> None:
    """End a subscription, and remove the address with its ledger."""
    await subscriptions.delete(subscription_id, if_match=if_match)


@router.get("/{subscription_id}/notifications", scope="roadmap:read")
async def list_notifications(
    subscription_id: UUID, subscriptions: Subscriptions, page: Paging
) -> Page[NotificationRead]:
    """List what the subscriber was told or is to be told, latest first, and whether it got there."""
    return await subscriptions.search_notifications(subscription_id, page)
