"""HTTP for the work packages of a release."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Label, Page
from services.roadmap.domain.readiness import PackageStatus
from services.roadmap.work_packages.schemas import WorkPackageCreate, WorkPackageRead, WorkPackageUpdate
from services.roadmap.work_packages.service import WorkPackageService

TRAINING = {
    "title": "Train support, and prepare its answers",
    "function": "support",
    "effort_days": 2,
    "days_before_launch": 5,
}

router = Router(prefix="/v1/releases/{release_id}/work-packages", tags=["Releases"])
WorkPackages = Annotated[WorkPackageService, Depends(WorkPackageService)]


@router.post(scope="roadmap:write", example=TRAINING)
async def create_work_package(
    release_id: UUID, new: WorkPackageCreate, packages: WorkPackages
) -> Created[WorkPackageRead]:
    """Add what a function has to do for a release.

    Due on a day of its own, or so many days before the launch, wherever that moves. It may wait for other packages of
    the release.
    """
    return created(await packages.create(release_id, new))


@router.get(scope="roadmap:read")
async def list_work_packages(
    release_id: UUID,
    packages: WorkPackages,
    page: Paging,
    *,
    status: Annotated[PackageStatus | None, Query(description="Only packages in this state.")] = None,
    function: Annotated[Label | None, Query(description="Only packages of this function.")] = None,
    team_id: Annotated[UUID | None, Query(description="Only packages of this team.")] = None,
) -> Page[WorkPackageRead]:
    """List what has to be done for a release, newest first."""
    return await packages.search(release_id, page, status=status, function=function, team_id=team_id)


@router.get("/{work_package_id}", scope="roadmap:read")
async def get_work_package(release_id: UUID, work_package_id: UUID, packages: WorkPackages) -> WorkPackageRead:
    """Read a work package."""
    return WorkPackageRead.model_validate(await packages.get(release_id, work_package_id))


@router.patch("/{work_package_id}", scope="roadmap:write", example={"status": "done", "actual_effort_days": 2.5})
async def update_work_package(
    release_id: UUID, work_package_id: UUID, change: WorkPackageUpdate, packages: WorkPackages, if_match: IfMatch
) -> WorkPackageRead:
    """Change a work package: its day, its team, how far it is.

    A package that would wait for itself is refused with 409, naming the circle. Dropping one wants a reason; what
    waits for it then goes on without it.
    """
    changed = await packages.update(release_id, work_package_id, change, if_match=if_match)
    return WorkPackageRead.model_validate(changed)


@router.delete("/{work_package_id}", scope="roadmap:write")
async def delete_work_package(
    release_id: UUID, work_package_id: UUID, packages: WorkPackages, if_match: IfMatch
) -> None:
    """Remove a work package that nothing waits for."""
    await packages.delete(release_id, work_package_id, if_match=if_match)
