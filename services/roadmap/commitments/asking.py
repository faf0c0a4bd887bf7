"""Asks every team for its part: one commitment per team and feature, one per work package of a release."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.chassis.errors import FieldError, UnknownReference
from services.chassis.unit_of_work import Work
from services.roadmap.commitments.repository import CommitmentRepository
from services.roadmap.commitments.schemas import CommitmentRead, CommitmentRequest, CommitmentsAsked
from services.roadmap.commitments.service import commitment_facts
from services.roadmap.domain.readiness import FINISHED
from services.roadmap.domain.states import PLANNABLE
from services.roadmap.features.links import require_known
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.models import Commitment, Feature, LaunchPackage, Release
from services.roadmap.releases.repository import ReleaseRepository
from services.roadmap.work_packages.repository import LaunchPackageRepository


@dataclass(frozen=True)
class _Part:
    """What one team would owe; None where nobody said which team, or until when."""

    about: UUID
    title: str
    team_id: UUID | None
    due_on: date | None
    effort_days: float
    feature_id: UUID | None = None
    release_id: UUID | None = None

    @property
    def key(self) -> tuple[UUID | None, UUID | None, UUID | None, str | None]:
        """What makes two commitments the same; in a release a team may owe several things."""
        return self.team_id, self.feature_id, self.release_id, None if self.feature_id else self.title


class AskingService:
    """From plans to questions."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def ask(self, request: CommitmentRequest) -> CommitmentsAsked:
        """Raises UnknownReference for features or a release that are not there."""
        release = await self._release(request.release_id)
        ids = list(dict.fromkeys([*request.feature_ids, *(release.feature_ids if release else [])]))
        repository = FeatureRepository(self.work.session)
        await repository.hold(ids)  # two who ask at once do not ask twice
        features = await repository.by_ids(ids)
        require_known("feature_ids", request.feature_ids, features, noun="feature")
        ends = await ReleaseRepository(self.work.session).planned_ends(ids)
        packages: Sequence[LaunchPackage] = []
        if release is not None:
            packages = await LaunchPackageRepository(self.work.session).everything_of(release.id)
        last = request.due_on or (release.target_on if release else None)
        parts = [
            *(part for each in features.values() for part in _of_feature(each, ends.get(each.id) or last)),
            *(_of_package(each, last) for each in packages if each.status not in FINISHED),
        ]
        standing = await CommitmentRepository(self.work.session).standing(
            feature_ids=ids, release_id=request.release_id
        )
        return await self._ask(parts, {_key(each): each.id for each in standing})

    async def _ask(self, parts: Sequence[_Part], standing: dict[object, UUID]) -> CommitmentsAsked:
        asked, before, without_team, without_day = [], [], [], []
        for part in parts:
            if part.team_id is None:
                without_team.append(part.about)
            elif part.key in standing:
                before.append(standing[part.key])
            elif part.due_on is None:
                without_day.append(part.about)
            else:
                asked.append(self._commitment(part, part.team_id, part.due_on))
        self.work.session.add_all(asked)
        await self.work.session.flush()
        log = self.work.events
        await log.append_all(
            [
                log.new(
                    "commitment.asked",
                    subject_type="commitment",
                    subject_id=each.id,
                    version=each.version,
                    data=commitment_facts(each),
                )
                for each in asked
            ]
        )
        return CommitmentsAsked(
            asked=[CommitmentRead.model_validate(each) for each in asked],
            answered_before=before,
            without_team=without_team,
            without_day=without_day,
        )

    def _commitment(self, part: _Part, team_id: UUID, due_on: date) -> Commitment:
        return Commitment(
            id=self.work.ids(),
            team_id=team_id,
            title=part.title,
            feature_id=part.feature_id,
            release_id=part.release_id,
            effort_days=part.effort_days,
            due_on=due_on,
            status="asked",
            asked_by=self.work.principal.id,
        )

    async def _release(self, release_id: UUID | None) -> Release | None:
        if release_id is None:
            return None
        release = await ReleaseRepository(self.work.session).find(release_id, lock=True)
        if release is None:
            raise UnknownReference(errors=[FieldError("/release_id", f"There is no release {release_id}.", "unknown")])
        return release


def _of_feature(feature: Feature, ends_on: date | None) -> Iterator[_Part]:
    if feature.status not in PLANNABLE:
        return
    effort: dict[UUID | None, float] = defaultdict(float)
    for package in feature.work_packages:
        effort[package.team_id] += package.likely_days
    due = min((day for day in (ends_on, feature.deadline) if day is not None), default=None)
    for team_id, days in effort.items():
        yield _Part(feature.id, feature.title, team_id, due, days, feature_id=feature.id)


def _of_package(package: LaunchPackage, last: date | None) -> _Part:
    due = package.due or last
    return _Part(package.id, package.title, package.team_id, due, package.effort_days, release_id=package.release_id)


def _key(commitment: Commitment) -> object:
    title = None if commitment.feature_id else commitment.title
    return commitment.team_id, commitment.feature_id, commitment.release_id, title
