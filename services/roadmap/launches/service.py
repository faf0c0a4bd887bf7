"""Says what still blocks a release, and lets it go out."""

from dataclasses import asdict
from uuid import UUID

from services.chassis.errors import Conflict, FieldError, Invalid
from services.chassis.unit_of_work import Work
from services.roadmap.commitments.repository import CommitmentRepository
from services.roadmap.domain.readiness import (
    FeatureState,
    MilestoneState,
    PackageState,
    Readiness,
    TroubledCommitment,
    readiness_of,
)
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.launches.schemas import LaunchCreate, ReadinessRead
from services.roadmap.milestones.repository import MilestoneRepository
from services.roadmap.models import LaunchPackage, Release
from services.roadmap.releases.repository import ReleaseRepository
from services.roadmap.releases.service import AlreadyLaunched, release_facts
from services.roadmap.work_packages.repository import LaunchPackageRepository


class LaunchBlocked(Conflict):
    code, title = "launch_blocked", "Something still blocks the launch"


class LaunchService:
    """From readiness to launch."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def readiness(self, release_id: UUID) -> ReadinessRead:
        release = await ReleaseRepository(self.work.session).get(release_id)
        found = await self._look(release)
        today, target = self.work.clock.now().date(), release.target_on
        return ReadinessRead(
            **asdict(found),
            is_ready=found.is_ready,
            release_id=release.id,
            status=release.status,
            target_on=target,
            days_left=(target - today).days if target else None,
            late_by_days=max(0, (found.earliest_on - target).days) if target else 0,
        )

    async def launch(self, release_id: UUID, asked: LaunchCreate) -> Release:
        """Raises LaunchBlocked with what blocks it, unless the caller says why it goes out all the same."""
        release = await ReleaseRepository(self.work.session).get(release_id, lock=True)
        if release.status == "launched":
            raise AlreadyLaunched(f"It went out on {release.launched_at:%d %B %Y}.")
        now = self.work.clock.now()
        if asked.at is not None and asked.at > now:
            raise Invalid(errors=[FieldError("/at", "A launch is recorded once it has happened.")])
        found = await self._look(release)
        if found.blockers and asked.despite is None:
            first = found.blockers[0].title
            detail = (
                f"{len(found.blockers)} things are still open, first “{first}”: finish or drop them, or say despite."
            )
            raise LaunchBlocked(detail, blockers=[{"kind": each.kind, "id": each.id} for each in found.blockers])
        release.status, release.launched_at = "launched", asked.at or now
        release.launched_despite = asked.despite if found.blockers else None
        await self.work.session.flush()
        await self.work.events.append(
            "release.launched",
            subject_type="release",
            subject_id=release.id,
            version=release.version,
            data=release_facts(release) | {"blockers": len(found.blockers)},
        )
        return release

    async def _look(self, release: Release) -> Readiness:
        session = self.work.session
        features = await FeatureRepository(session).by_ids(release.feature_ids)
        ends = await ReleaseRepository(session).planned_ends(release.feature_ids)
        return readiness_of(
            [FeatureState(str(each.id), each.title, each.status, ends.get(each.id)) for each in features.values()],
            [_state(each) for each in await LaunchPackageRepository(session).everything_of(release.id)],
            [
                MilestoneState(str(each.id), each.title, each.due_on, each.reached_on is not None)
                for each in await MilestoneRepository(session).of(release.id)
            ],
            [
                TroubledCommitment(str(each.id), each.title, each.due_on, each.status == "declined")
                for each in await CommitmentRepository(session).troubling(release.id)
            ],
            today=self.work.clock.now().date(),
        )


def _state(package: LaunchPackage) -> PackageState:
    return PackageState(
        str(package.id),
        package.title,
        package.function,
        package.status,
        package.effort_days,
        package.due,
        package.is_blocking,
        tuple(map(str, package.needs_ids)),
    )
