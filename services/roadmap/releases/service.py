"""Keeps releases: what goes out together, from the first plan to the launch."""

from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import Conflict, FieldError, StillReferenced, UnknownReference
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.domain.readiness import ReleaseStatus
from services.roadmap.features.links import require_known
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.models import LaunchPackage, Release, ReleaseFeature, ReleaseTemplate
from services.roadmap.models.base import columns, touch
from services.roadmap.release_templates.repository import ReleaseTemplateRepository
from services.roadmap.releases.repository import ReleaseRepository
from services.roadmap.releases.schemas import ReleaseCreate, ReleaseRead, ReleaseUpdate
from services.roadmap.releases.unfolding import unfold


class AlreadyLaunched(Conflict):
    code, title = "already_launched", "The release has gone out"


class ReleaseService:
    """Releases and their features."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def releases(self) -> ReleaseRepository:
        return ReleaseRepository(self.work.session)

    async def create(self, new: ReleaseCreate) -> Release:
        """Raises UnknownReference for features or a template that are not there."""
        template = await self._template(new.release_template_id)
        fields = {name: value for name, value in new.fields().items() if name != "feature_ids"}
        release = Release(**columns(fields), status="planned", features=[])
        await self._put_in(release, new.feature_ids)
        await self.releases.add(release)
        await self._tell("release.created", release)
        if template is not None:
            await unfold(self.work, template, release)
        return release

    async def get(self, release_id: UUID) -> Release:
        return await self.releases.get(release_id)

    async def search(
        self, page: PageQuery, *, status: ReleaseStatus | None, feature_id: UUID | None
    ) -> Page[ReleaseRead]:
        return await list_page(
            self.work,
            self.releases.matching(status=status, feature_id=feature_id),
            page,
            model=Release,
            subject_type="release",
            read=ReleaseRead.model_validate,
            filters={"status": status, "feature_id": feature_id},
        )

    async def update(self, release_id: UUID, change: ReleaseUpdate, *, if_match: Precondition) -> Release:
        """Raises AlreadyLaunched for a change of what went out when."""
        release = await self.releases.get(release_id, lock=True)
        if_match.check(release)
        changes = change.changes()
        if release.status == "launched" and changes.keys() & {"status", "target_on", "feature_ids"}:
            raise AlreadyLaunched("What went out, and when, is history; name, description and metadata may change.")
        if "feature_ids" in changes:
            await self._put_in(release, changes.pop("feature_ids"))
        is_moved = "target_on" in changes and changes["target_on"] != release.target_on
        for name, value in columns(changes).items():
            setattr(release, name, value)
        touch(release)
        await self._tell("release.updated", release)
        if is_moved:
            await self._move_packages(release_id)
        return release

    async def delete(self, release_id: UUID, *, if_match: Precondition) -> None:
        """Raises AlreadyLaunched, or StillReferenced while something else names it."""
        release = await self.releases.get(release_id, lock=True)
        if_match.check(release)
        if release.status == "launched":
            raise AlreadyLaunched("What went out stays on record.")
        if (noun := await self.releases.referring(release_id)) is not None:
            raise StillReferenced(f"The release is named by {noun}: change that first.")
        version = release.version
        await self.releases.remove(release)
        await self.work.events.append(
            "release.deleted", subject_type="release", subject_id=release_id, version=version + 1
        )

    async def _move_packages(self, release_id: UUID) -> None:
        """Days that are counted back from the launch are other days now: that is a change to each package."""
        packages = await self.releases.counted_back(release_id)
        for package in packages:
            touch(package)
        await self.work.session.flush()
        log = self.work.events
        await log.append_all(
            [
                log.new(
                    "work_package.updated",
                    subject_type="work_package",
                    subject_id=package.id,
                    version=package.version,
                    data=package_facts(package),
                )
                for package in packages
            ]
        )

    async def _template(self, template_id: UUID | None) -> ReleaseTemplate | None:
        if template_id is None:
            return None
        template = await ReleaseTemplateRepository(self.work.session).find(template_id)
        if template is None:
            detail = f"There is no release template {template_id}."
            raise UnknownReference(errors=[FieldError("/release_template_id", detail, "unknown")])
        return template

    async def _put_in(self, release: Release, feature_ids: list[UUID]) -> None:
        known = await FeatureRepository(self.work.session).titles(feature_ids)
        require_known("feature_ids", feature_ids, known, noun="feature")
        linked = {each.feature_id: each for each in release.features}
        release.features = [linked.get(each) or ReleaseFeature(feature_id=each) for each in sorted(set(feature_ids))]

    async def _tell(self, kind: str, release: Release) -> None:
        await self.work.session.flush()
        await self.work.events.append(
            kind, subject_type="release", subject_id=release.id, version=release.version, data=release_facts(release)
        )


def package_facts(package: LaunchPackage) -> dict[str, Any]:
    """What the feed tells of a work package."""
    return {
        "release_id": package.release_id,
        "function": package.function,
        "team_id": package.team_id,
        "status": package.status,
    }


def release_facts(release: Release) -> dict[str, Any]:
    """What the feed tells of a release."""
    return {
        "status": release.status,
        "target_on": release.target_on,
        "launched_at": release.launched_at,
        "feature_ids": release.feature_ids,
    }
