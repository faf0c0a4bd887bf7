"""Keeps features: what they rest on, what they promise, and where they stand."""

from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import Conflict, FieldError, Invalid, StillReferenced
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Money, Page
from services.chassis.unit_of_work import Work
from services.roadmap.copies.service import CopyService
from services.roadmap.domain.states import FeatureStatus, Lifecycle, Step, TransitionRefused, advance
from services.roadmap.features.facts import feature_facts
from services.roadmap.features.links import FeatureLinks
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.features.schemas import Effect, FeatureCreate, FeatureRead, FeatureUpdate, TransitionCreate
from services.roadmap.keeping.service import require_unnamed
from services.roadmap.models import Feature
from services.roadmap.models.base import columns, touch
from services.roadmap.products.service import require_product

LINKS = (
    "requirement_ids",
    "objective_ids",
    "depends_on",
    "dependencies",
    "expected_effects",
    "work_packages",
    "cost",
)
FROZEN = frozenset(
    {"effort_days", "cost", "earliest_start", "deadline", "depends_on", "dependencies", "work_packages", "is_must_have"}
)


class ImpossibleTransition(Conflict):
    code, title = "transition_refused", "The feature cannot take this step"


class FeatureFrozen(Conflict):
    code, title = "feature_frozen", "The feature is frozen"


class FeatureService:
    """A feature's life, from the first wish to the measured outcome."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.copies = CopyService(work)

    @property
    def features(self) -> FeatureRepository:
        return FeatureRepository(self.work.session)

    async def create(self, new: FeatureCreate) -> Feature:
        """Raises UnknownReference when it names what does not exist."""
        await self._require_neighbours(new.requirement_ids, new.expected_effects)
        await require_product(self.work, new.product_id)
        fields = new.fields()
        feature = Feature(
            **columns({name: value for name, value in fields.items() if name not in LINKS}),
            **_money(new.cost),
            status="proposed",
            requirements=[],
            objectives=[],
            needs=[],
            expected_effects=[],
            work_packages=[],
            outcomes=[],
        )
        _require_dates(feature)
        await FeatureLinks(self.work).tie(feature, {name: fields[name] for name in LINKS if name != "cost"})
        await self.features.add(feature)
        await self._tell("feature.created", feature)
        return feature

    async def get(self, feature_id: UUID) -> Feature:
        return await self.features.get(feature_id)

    async def search(
        self, page: PageQuery, *, status: FeatureStatus | None, **linked: UUID | None
    ) -> Page[FeatureRead]:
        return await list_page(
            self.work,
            self.features.matching(status=status, **linked),
            page,
            model=Feature,
            subject_type="feature",
            read=FeatureRead.model_validate,
            filters={"status": status, **linked},
        )

    async def update(self, feature_id: UUID, change: FeatureUpdate, *, if_match: Precondition) -> Feature:
        changes = change.changes()
        await self._require_neighbours(changes.get("requirement_ids", []), changes.get("expected_effects", []))
        await require_product(self.work, changes.get("product_id"))
        feature = await self._locked(feature_id, if_match)
        _require_thawed(feature, changes)
        if "cost" in changes:
            changes |= _money(changes["cost"])
        if "value" in changes:
            changes["prioritization_id"] = None
        links = {name: changes[name] for name in LINKS if name in changes and name != "cost"}
        await FeatureLinks(self.work).tie(feature, links)
        for name, value in columns(changes).items():
            if name not in LINKS:
                setattr(feature, name, value)
        _require_dates(feature)
        touch(feature)
        await self._tell("feature.updated", feature)
        return feature

    async def delete(self, feature_id: UUID, *, if_match: Precondition) -> None:
        """Raises StillReferenced while it is needed, placed or part of what was shipped."""
        feature = await self._locked(feature_id, if_match)
        if feature.shipped_at is not None:
            raise StillReferenced("What was shipped stays on record: retire it instead.")
        if await self.features.is_needed(feature_id):
            raise StillReferenced("Other features depend on it.")
        if (noun := await self.features.referring(feature_id)) is not None:
            raise StillReferenced(f"It is named by {noun}: change that first.")
        if await self.features.is_placed(feature_id):
            raise StillReferenced("It stands on a roadmap: take it off first.")
        await require_unnamed(self.work, feature_id)
        version = feature.version
        await self.features.remove(feature)
        await self.work.events.append(
            "feature.deleted", subject_type="feature", subject_id=feature_id, version=version + 1
        )

    async def transition(self, feature_id: UUID, step: TransitionCreate) -> Feature:
        """Raises ImpossibleTransition with the code of the rule that refuses."""
        feature = await self.features.get(feature_id, lock=True)
        now = self.work.clock.now()
        taken = Step(step.to, step.at or now, step.reason, step.started_at, step.actual_effort_days)
        before = _lifecycle(feature)
        try:
            after = advance(before, taken, now=now)
        except TransitionRefused as refused:
            raise ImpossibleTransition(str(refused), rule=refused.code) from None
        feature.status, feature.status_reason = after.status, step.reason
        feature.started_at, feature.shipped_at, feature.retired_at = (
            after.started_at,
            after.shipped_at,
            after.retired_at,
        )
        feature.actual_effort_days = after.actual_effort_days
        touch(feature)
        if after.status == "shipped":
            kinds = await self.copies.requirement_kinds(feature.requirement_ids)
            await self._tell("feature.shipped", feature, before=before.status, requirement_kinds=kinds)
        else:
            await self._tell("feature.status_changed", feature, before=before.status)
        return feature

    async def _require_neighbours(self, requirement_ids: list[UUID], effects: list[Effect]) -> None:
        kpi_ids = [effect.kpi_id for effect in effects]
        if len(set(kpi_ids)) < len(kpi_ids):
            raise Invalid(errors=[FieldError("/expected_effects", "Name each KPI once.")])
        await self.copies.require(
            requirements={f"/requirement_ids/{i}": each for i, each in enumerate(requirement_ids)},
            kpis={f"/expected_effects/{i}/kpi_id": each for i, each in enumerate(kpi_ids)},
        )

    async def _locked(self, feature_id: UUID, if_match: Precondition) -> Feature:
        feature = await self.features.get(feature_id, lock=True)
        if_match.check(feature)
        return feature

    async def _tell(self, kind: str, feature: Feature, **more: Any) -> None:
        await self.work.session.flush()
        await self.work.events.append(
            kind,
            subject_type="feature",
            subject_id=feature.id,
            version=feature.version,
            data=feature_facts(feature) | more,
        )


def _lifecycle(feature: Feature) -> Lifecycle:
    return Lifecycle(
        status=feature.status,
        started_at=feature.started_at,
        shipped_at=feature.shipped_at,
        retired_at=feature.retired_at,
        actual_effort_days=feature.actual_effort_days,
    )


def _money(cost: Money | None) -> dict[str, Any]:
    if cost is not None and cost.amount_minor < 0:
        raise Invalid(errors=[FieldError("/cost/amount_minor", "A cost cannot be negative.")])
    return {"cost_minor": cost.amount_minor if cost else None, "currency": cost.currency if cost else None}


def _require_thawed(feature: Feature, changes: dict[str, Any]) -> None:
    touched = sorted(FROZEN & changes.keys())
    if feature.is_frozen and changes.get("is_frozen", True) and touched:
        raise FeatureFrozen(f"Set is_frozen to false to change {', '.join(touched)}.")


def _require_dates(feature: Feature) -> None:
    if feature.earliest_start and feature.deadline and feature.deadline < feature.earliest_start:
        raise Invalid(errors=[FieldError("/deadline", "The deadline lies before the earliest start.")])
