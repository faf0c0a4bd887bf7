"""Keeps what each function does for a release, and in which order."""

from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import Conflict, FieldError, Invalid, StillReferenced, UnknownReference
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.domain.readiness import FINISHED, PackageCycle, PackageStatus, require_acyclic_packages
from services.roadmap.features.links import require_known
from services.roadmap.models import LaunchPackage, LaunchPackageNeed
from services.roadmap.models.base import touch
from services.roadmap.releases.repository import ReleaseRepository
from services.roadmap.releases.service import AlreadyLaunched, package_facts
from services.roadmap.teams.repository import TeamRepository
from services.roadmap.work_packages.repository import LaunchPackageRepository
from services.roadmap.work_packages.schemas import WorkPackageCreate, WorkPackageRead, WorkPackageUpdate


class CircularWork(Conflict):
    code, title = "circular_dependency", "Work packages would wait for one another in a circle"


class WorkPackageService:
    """Work packages of releases."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def packages(self) -> LaunchPackageRepository:
        return LaunchPackageRepository(self.work.session)

    async def create(self, release_id: UUID, new: WorkPackageCreate) -> LaunchPackage:
        """Raises UnknownReference for a team or package that is not there, AlreadyLaunched when it is too late."""
        await self._hold_planned(release_id)
        await self._require_team(new.team_id)
        fields = {name: value for name, value in new.fields().items() if name != "needs"}
        package = LaunchPackage(**fields, release_id=release_id, status="open", needs=[])
        await self._order(package, new.needs)
        await self.packages.add(package)
        await self._tell("work_package.created", package)
        return await self.packages.get(package.id, lock=True)

    async def get(self, release_id: UUID, package_id: UUID) -> LaunchPackage:
        return await self.packages.get_of(release_id, package_id)

    async def search(
        self,
        release_id: UUID,
        page: PageQuery,
        *,
        status: PackageStatus | None,
        function: str | None,
        team_id: UUID | None,
    ) -> Page[WorkPackageRead]:
        await ReleaseRepository(self.work.session).get(release_id)
        return await list_page(
            self.work,
            self.packages.of(release_id, status=status, function=function, team_id=team_id),
            page,
            model=LaunchPackage,
            subject_type="work_package",
            read=WorkPackageRead.model_validate,
            filters={"release_id": release_id, "status": status, "function": function, "team_id": team_id},
        )

    async def update(
        self, release_id: UUID, package_id: UUID, change: WorkPackageUpdate, *, if_match: Precondition
    ) -> LaunchPackage:
        """Raises CircularWork, naming the circle."""
        await ReleaseRepository(self.work.session).get(release_id, lock=True)
        package = await self.packages.get_of(release_id, package_id, lock=True)
        if_match.check(package)
        changes = change.changes()
        if changes.get("team_id") is not None:
            await self._require_team(changes["team_id"])
        if "needs" in changes:
            await self._order(package, changes.pop("needs"))
        self._stamp(package, changes)
        for name, value in (changes | _one_due(changes)).items():
            setattr(package, name, value)
        touch(package)
        await self._tell("work_package.updated", package)
        return package

    async def delete(self, release_id: UUID, package_id: UUID, *, if_match: Precondition) -> None:
        """Raises StillReferenced while another package waits for it."""
        await self._hold_planned(release_id)
        package = await self.packages.get_of(release_id, package_id, lock=True)
        if_match.check(package)
        others = await self.packages.everything_of(release_id)
        if waiting := [each.title for each in others if package_id in each.needs_ids]:
            raise StillReferenced(f"“{waiting[0]}” waits for it: drop it instead, or change that one first.")
        version = package.version
        await self.packages.remove(package)
        await self.work.events.append(
            "work_package.deleted", subject_type="work_package", subject_id=package_id, version=version + 1
        )

    def _stamp(self, package: LaunchPackage, changes: dict[str, Any]) -> None:
        """Notes when it began and ended. Raises Invalid when it is dropped without a word."""
        to = changes.get("status", package.status)
        if to == "dropped" and not changes.get("status_reason", package.status_reason):
            raise Invalid(errors=[FieldError("/status_reason", "Say why it is dropped.")])
        if to == package.status:
            return
        now = self.work.clock.now()
        if to in {"in_progress", "done"} and package.started_at is None:
            package.started_at = now
        package.done_at = now if to in FINISHED else None
        if to != "dropped" and "status_reason" not in changes:
            package.status_reason = None

    async def _order(self, package: LaunchPackage, needs: list[UUID]) -> None:
        """Within the release, whose row is locked: two changes cannot close a circle together."""
        others = {each.id: each for each in await self.packages.everything_of(package.release_id)}
        require_known("needs", needs, others, noun="work package of this release")
        if package.id is not None:
            graph = {str(each.id): [str(need) for need in each.needs_ids] for each in others.values()}
            graph[str(package.id)] = [str(each) for each in needs]
            try:
                require_acyclic_packages(graph)
            except PackageCycle as circle:
                named = " -> ".join(f"“{others[UUID(each)].title}”" for each in circle.cycle)
                raise CircularWork(f"{named}: each waits for the next.", cycle=list(circle.cycle)) from None
        kept = {each.needs_package_id: each for each in package.needs}
        package.needs = [kept.get(each) or LaunchPackageNeed(needs_package_id=each) for each in sorted(set(needs))]

    async def _hold_planned(self, release_id: UUID) -> None:
        release = await ReleaseRepository(self.work.session).get(release_id, lock=True)
        if release.status == "launched":
            raise AlreadyLaunched("What was done for it is history.")

    async def _require_team(self, team_id: UUID | None) -> None:
        if team_id is not None and await TeamRepository(self.work.session).find(team_id) is None:
            raise UnknownReference(errors=[FieldError("/team_id", f"There is no team {team_id}.", "unknown")])

    async def _tell(self, kind: str, package: LaunchPackage) -> None:
        await self.work.session.flush()
        data = package_facts(package)
        await self.work.events.append(
            kind, subject_type="work_package", subject_id=package.id, version=package.version, data=data
        )


def _one_due(changes: dict[str, Any]) -> dict[str, None]:
    """A day of its own takes the place of one counted back, and the other way round."""
    if changes.get("due_on") is not None:
        return {"days_before_launch": None}
    return {"due_on": None} if changes.get("days_before_launch") is not None else {}
