"""What a feature is tied to: objectives, other features, work packages, requirements and the effects it promises."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.chassis.errors import Conflict, FieldError, UnknownReference
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.domain.selection.problem import Dependency, DependencyCycle, require_acyclic
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.features.schemas import DependencyEntry, Effect, Package
from services.roadmap.models import (
    ExpectedEffect,
    Feature,
    FeatureDependency,
    FeatureObjective,
    FeatureRequirement,
    WorkPackage,
)
from services.roadmap.strategy.repository import ObjectiveRepository
from services.roadmap.teams.repository import TeamRepository


class CircularDependency(Conflict):
    code, title = "circular_dependency", "Features would depend on one another in a circle"


class FeatureLinks:
    """Ties a feature to other things, which must exist."""

    def __init__(self, work: UnitOfWork) -> None:
        self.session = work.session
        self.by = work.principal.id
        self.features = FeatureRepository(work.session)

    async def tie(self, feature: Feature, links: Mapping[str, Any]) -> None:
        """What needs a look into the database comes first, so that the change is written, and counted, once."""
        if "objective_ids" in links:
            wanted = dict.fromkeys(links["objective_ids"])
            known = await ObjectiveRepository(self.session).by_ids(wanted)
            require_known("objective_ids", links["objective_ids"], known, noun="objective")
            feature.objectives = _kept(feature.objectives, "objective_id", wanted, FeatureObjective)
        if links.get("dependencies"):
            await self._depend(feature, links["dependencies"])
        elif "depends_on" in links or "dependencies" in links:
            await self._depend_on(feature, links.get("depends_on", []))
        if "work_packages" in links:
            await self._require_teams(links["work_packages"])
            feature.work_packages = [WorkPackage(**each.fields()) for each in links["work_packages"]]
        if "requirement_ids" in links:
            wanted = dict.fromkeys(links["requirement_ids"])
            feature.requirements = _kept(feature.requirements, "requirement_id", wanted, FeatureRequirement)
        if "expected_effects" in links:
            feature.expected_effects = _effects(feature, links["expected_effects"], by=self.by)

    async def _require_teams(self, packages: list[Package]) -> None:
        known = await TeamRepository(self.session).by_ids({each.team_id for each in packages if each.team_id})
        faults = [
            FieldError(f"/work_packages/{position}/team_id", f"There is no team {each.team_id}.", "unknown")
            for position, each in enumerate(packages)
            if each.team_id is not None and each.team_id not in known
        ]
        if faults:
            raise UnknownReference(errors=faults)

    async def _depend_on(self, feature: Feature, needs: list[UUID]) -> None:
        """Links that are there already keep their kind and lag."""
        known = {each.needs_feature_id: each for each in feature.needs}
        entries = [
            DependencyEntry(feature_id=each, link=known[each].link, lag_days=known[each].lag_days)
            if each in known
            else DependencyEntry(feature_id=each)
            for each in dict.fromkeys(needs)
        ]
        await self._depend(feature, entries, pointer="depends_on")

    async def _depend(self, feature: Feature, entries: list[DependencyEntry], *, pointer: str = "dependencies") -> None:
        wanted = {each.feature_id: each for each in entries}
        if wanted:
            end = "" if pointer == "depends_on" else "/feature_id"
            known = await self.features.titles(wanted)
            require_known(pointer, [each.feature_id for each in entries], known, noun="feature", end=end)
            pairs = [pair for pair in await self.features.dependencies() if pair[0] != feature.id]
            if feature.id is not None:  # nothing can need a feature that is only being made
                await self._require_acyclic([*pairs, *((feature.id, needed) for needed in wanted)])
        feature.needs = _kept(feature.needs, "needs_feature_id", dict.fromkeys(wanted), FeatureDependency)
        for link in feature.needs:
            entry = wanted[link.needs_feature_id]
            link.link, link.lag_days = entry.link, entry.lag_days

    async def _require_acyclic(self, pairs: list[tuple[UUID, UUID]]) -> None:
        try:
            require_acyclic([Dependency(str(one), str(other)) for one, other in pairs])
        except DependencyCycle as circle:
            ids = [UUID(each) for each in circle.cycle]
            titles = await self.features.titles(set(ids))
            named = " -> ".join(f"“{titles[each]}”" for each in ids)
            raise CircularDependency(f"{named}: each needs the next.", cycle=[str(each) for each in ids]) from None


def require_known(pointer: str, named: list[UUID], known: Any, *, noun: str, end: str = "") -> None:
    """Raises UnknownReference, with a JSON Pointer to each that is not there."""
    faults = [
        FieldError(f"/{pointer}/{position}{end}", f"There is no {noun} {each}.", "unknown")
        for position, each in enumerate(named)
        if each not in known
    ]
    if faults:
        raise UnknownReference(errors=faults)


def _kept(links: list[Any], end: str, wanted: dict[UUID, None], link: type[Any]) -> list[Any]:
    """The wanted links: those that are there stay as they are, so that no row is removed and written again."""
    known = {getattr(each, end): each for each in links}
    return [known.get(each) or link(**{end: each}) for each in sorted(wanted)]


def _effects(feature: Feature, effects: list[Effect], *, by: str) -> list[ExpectedEffect]:
    """Who changes a promise has made it; one that is sent again as it was stays that of who made it."""
    known = {each.kpi_id: each for each in feature.expected_effects}
    kept = []
    for effect in effects:
        fields = effect.fields()
        row = known.get(effect.kpi_id) or ExpectedEffect()
        if any(getattr(row, name) != value for name, value in fields.items()):
            row.estimated_by = by
        for name, value in fields.items():
            setattr(row, name, value)
        kept.append(row)
    return kept
