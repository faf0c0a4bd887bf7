"""The only SQL about the work packages of releases."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import selectinload

from services.chassis.errors import NotFound
from services.chassis.repository import Repository
from services.roadmap.domain.readiness import PackageStatus
from services.roadmap.models import LaunchPackage


class LaunchPackageRepository(Repository[LaunchPackage]):
    """Packages, each with its release and what it waits for."""

    model: ClassVar[Any] = LaunchPackage

    def rows(self) -> Select[LaunchPackage]:
        return super().rows().options(selectinload(LaunchPackage.needs), selectinload(LaunchPackage.release))

    def of(
        self,
        release_id: UUID,
        *,
        status: PackageStatus | None = None,
        function: str | None = None,
        team_id: UUID | None = None,
    ) -> Select[LaunchPackage]:
        """The packages of a release that fit every given filter."""
        query = self.rows().where(LaunchPackage.release_id == release_id)
        if status is not None:
            query = query.where(LaunchPackage.status == status)
        if function is not None:
            query = query.where(LaunchPackage.function == function)
        if team_id is not None:
            query = query.where(LaunchPackage.team_id == team_id)
        return query

    async def everything_of(self, release_id: UUID) -> Sequence[LaunchPackage]:
        """All of a release's packages, in a fixed order."""
        return await self.all(self.of(release_id).order_by(LaunchPackage.id))

    async def get_of(self, release_id: UUID, package_id: UUID, *, lock: bool = False) -> LaunchPackage:
        """Raises NotFound when the release has no such package."""
        package = await self.find(package_id, lock=lock)
        if package is None or package.release_id != release_id:
            raise NotFound(f"Release {release_id} has no work package {package_id}.")
        return package
