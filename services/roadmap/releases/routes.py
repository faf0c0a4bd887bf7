"""HTTP for releases."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.domain.readiness import ReleaseStatus
from services.roadmap.releases.schemas import ReleaseCreate, ReleaseRead, ReleaseUpdate
from services.roadmap.releases.service import ReleaseService

SPRING = {
    "name": "Spring 2027",
    "target_on": "2027-04-15",
    "feature_ids": ["01983a7c-4b20-7f6a-8c3d-1e5f7a9b2c46"],
    "release_template_id": "01983a7c-7e10-7b54-9a8c-5d7f9b1e3a68",
}

router = Router(prefix="/v1/releases", tags=["Releases"])
Releases = Annotated[ReleaseService, Depends(ReleaseService)]


@router.post(scope="roadmap:write", example=SPRING)
async def create_release(new: ReleaseCreate, releases: Releases) -> Created[ReleaseRead]:
    """Plan a release.

    Say what goes out and on which day; from a template it gets the work packages that every function has to do, due
    before that day. They move with it when the day changes.
    """
    return created(await releases.create(new))


@router.get(scope="roadmap:read")
async def list_releases(
    releases: Releases,
    page: Paging,
    *,
    status: Annotated[ReleaseStatus | None, Query(description="Only releases in this state.")] = None,
    feature_id: Annotated[UUID | None, Query(description="Only releases that this feature goes out with.")] = None,
) -> Page[ReleaseRead]:
    """List releases, newest first."""
    return await releases.search(page, status=status, feature_id=feature_id)


@router.get("/{release_id}", scope="roadmap:read")
async def get_release(release_id: UUID, releases: Releases) -> ReleaseRead:
    """Read a release."""
    return ReleaseRead.model_validate(await releases.get(release_id))


@router.patch("/{release_id}", scope="roadmap:write", example={"target_on": "2027-04-22"})
async def update_release(release_id: UUID, change: ReleaseUpdate, releases: Releases, if_match: IfMatch) -> ReleaseRead:
    """Change a release, or cancel it.

    What went out, and when, is history: after the launch only words may change.
    """
    return ReleaseRead.model_validate(await releases.update(release_id, change, if_match=if_match))


@router.delete("/{release_id}", scope="roadmap:write")
async def delete_release(release_id: UUID, releases: Releases, if_match: IfMatch) -> None:
    """Remove a release that has not gone out, with its work packages.

    Refused with 409 while milestones, commitments, hand-offs or risks name it.
    """
    await releases.delete(release_id, if_match=if_match)
