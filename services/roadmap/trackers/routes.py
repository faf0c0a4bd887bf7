"""HTTP for trackers: integrations, links to issues, and the address that trackers send their events to."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.chassis.unit_of_work import context_of
from services.roadmap.trackers.inbox import TrackerInbox
from services.roadmap.trackers.providers.all import Provider
from services.roadmap.trackers.schemas import (
    IntegrationCreate,
    IntegrationRead,
    IntegrationSecretRead,
    IntegrationSecretRotate,
    IntegrationUpdate,
    IssueLinkCreate,
    IssueLinkRead,
)
from services.roadmap.trackers.service import (
    IntegrationService,
    IssueLinkService,
    integration_read,
    issue_link_read,
)

router = Router(prefix="/v1/integrations", tags=["Trackers"])
links_router = Router(prefix="/v1/issue-links", tags=["Trackers"])
Integrations = Annotated[IntegrationService, Depends(IntegrationService)]
IssueLinks = Annotated[IssueLinkService, Depends(IssueLinkService)]

TRACKER = {
    "name": "Web team's board",
    "provider": "linear",
    "status_mapping": {"In Review": "in_progress", "Duplicate": None},
    "secret": "lin_wh_9dXyJ2mQeWqf8vTz",
}
CLOSED = {
    "action": "closed",
    "issue": {
        "html_url": "https://github.com/octo-org/octo-repo/issues/7",
        "state": "closed",
        "state_reason": "completed",
        "updated_at": "2027-01-18T10:00:00Z",
        "closed_at": "2027-01-18T10:00:00Z",
    },
}
EVENT = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}


@router.post(scope="admin:write", example=TRACKER)
async def create_integration(new: IntegrationCreate, integrations: Integrations) -> Created[IntegrationSecretRead]:
    """Connect a tracker.

    In the tracker's settings make a webhook to this API's address followed by `webhook_path`, with content type JSON,
    for events about issues. GitHub, GitLab and Jira take the `secret` that is shown here, this once; Linear makes one
    itself: give it as `secret`. What it then tells of linked issues moves features and requirements forward.
    """
    integration, secret = await integrations.create(new)
    return created(_with_secret(integration_read(integration), secret))


@router.get(scope="admin:read")
async def list_integrations(integrations: Integrations, page: Paging) -> Page[IntegrationRead]:
    """List the trackers that report here, newest first."""
    return await integrations.search(page)


@router.get("/{integration_id}", scope="admin:read")
async def get_integration(integration_id: UUID, integrations: Integrations) -> IntegrationRead:
    """Read how a tracker is understood, and when it was last heard of."""
    return integration_read(await integrations.get(integration_id))


@router.patch("/{integration_id}", scope="admin:write", example={"status_mapping": {"Ready for QA": "in_progress"}})
async def update_integration(
    integration_id: UUID, change: IntegrationUpdate, integrations: Integrations, if_match: IfMatch
) -> IntegrationRead:
    """Change how a tracker is understood.

    A new mapping holds for what is told from now on.
    """
    return integration_read(await integrations.update(integration_id, change, if_match=if_match))


@router.post("/{integration_id}/rotate", scope="admin:write", status=200, example={"overlap_hours": 2})
async def rotate_integration(
    integration_id: UUID, change: IntegrationSecretRotate, integrations: Integrations
) -> IntegrationSecretRead:
    """Give a tracker another secret.

    The old one is believed for `overlap_hours`, so that no event is lost until the tracker has the new one.
    """
    integration, secret = await integrations.rotate(integration_id, change)
    return _with_secret(integration_read(integration), secret)


@router.delete("/{integration_id}", scope="admin:write")
async def delete_integration(integration_id: UUID, integrations: Integrations, if_match: IfMatch) -> None:
    """Stop believing a tracker.

    Its links stay, with what they last said.
    """
    await integrations.delete(integration_id, if_match=if_match)


@router.post("/{integration_id}/webhook", public=True, status=204, example=CLOSED, extra=EVENT)
async def receive_integration(integration_id: UUID, request: Request) -> None:
    """Take an event from a tracker.

    For the tracker, not for you: it needs no API key, and is believed by the signature that the tracker publishes
    (`X-Hub-Signature-256` of GitHub, `webhook-signature` or `X-Gitlab-Token` of GitLab, `X-Hub-Signature` of Jira,
    `Linear-Signature`). Answers 204 for
    every event that is genuine, also for one that is about something else or came before.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    inbox = TrackerInbox(context_of(request))
    await inbox.receive(integration_id, headers=headers, body=await request.body())


@links_router.post(
    scope="roadmap:write",
    example={
        "url": "https://github.com/octo-org/octo-repo/issues/7",
        "feature_id": "01983a7c-3b1e-7d5a-9c44-2f7e8d9b0a13",
    },
)
async def create_issue_link(new: IssueLinkCreate, links: IssueLinks) -> Created[IssueLinkRead]:
    """Link an issue to a feature or a requirement.

    GitHub, GitLab, Jira and Linear are known by the form of the address, on any host. Once the tracker is connected,
    its events bring the feature to `in_progress` and, when every linked issue that was not dropped is done, to
    `shipped`, with the dates on which it happened. A tracker never moves anything back.
    """
    return created(issue_link_read(await links.create(new)))


@links_router.get(scope="roadmap:read")
async def list_issue_links(
    links: IssueLinks,
    page: Paging,
    *,
    feature_id: Annotated[UUID | None, Query(description="Only issues of this feature.")] = None,
    requirement_id: Annotated[UUID | None, Query(description="Only issues of this requirement.")] = None,
    provider: Annotated[Provider | None, Query(description="Only issues of this tracker.")] = None,
) -> Page[IssueLinkRead]:
    """List linked issues, newest first, each with where it contradicts the plan."""
    return await links.search(page, feature_id=feature_id, requirement_id=requirement_id, provider=provider)


@links_router.get("/{issue_link_id}", scope="roadmap:read")
async def get_issue_link(issue_link_id: UUID, links: IssueLinks) -> IssueLinkRead:
    """Read what an issue last said, and where it contradicts the plan."""
    return issue_link_read(await links.get(issue_link_id))


@links_router.delete("/{issue_link_id}", scope="roadmap:write")
async def delete_issue_link(issue_link_id: UUID, links: IssueLinks, if_match: IfMatch) -> None:
    """Take an issue off a feature or requirement; what it has brought about stays."""
    await links.delete(issue_link_id, if_match=if_match)


def _with_secret(read: IntegrationRead, secret: str | None) -> IntegrationSecretRead:
    return IntegrationSecretRead(**read.model_dump(), secret=secret)
